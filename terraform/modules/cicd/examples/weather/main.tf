provider "aws" {
  region = "eu-central-1"
}

# Another environment is the first, and the zones that hold data have other names.
module "cicd" {
  source = "../.."

  name_prefix         = "weather"
  environment         = "test"
  preview_environment = "test"
  account_id          = "222222222222"
  region              = "eu-central-1"
  repository          = "weather/forecasts"
  state_bucket        = "weather-test-terraform-state"
  state_kms_key_arn   = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000"
  consumed_zone       = "curated"
  zones = {
    raw     = { team = "platform_development", lent = true }
    scripts = { team = "platform_development", data = false }
    curated = { team = "innovation_development" }
  }
}
