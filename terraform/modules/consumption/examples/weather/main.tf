provider "aws" {
  region = "eu-central-1"
}

# Athena over another zone than gold.
module "consumption" {
  source = "../.."

  name              = "weather-test"
  account_id        = "222222222222"
  region            = "eu-central-1"
  zone              = { name = "curated", bucket = "weather-test-curated", kms_key_arn = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000" }
  topic_arn         = "arn:aws:sns:eu-central-1:222222222222:weather-test-notices"
  access_log_bucket = "weather-test-access-logs"
}
