provider "aws" {
  region = "eu-central-1"
}

# Observers put their readings, and nobody else's.
module "drop_zone" {
  source = "../.."

  name              = "weather-test"
  account_id        = "222222222222"
  region            = "eu-central-1"
  kms_key_arn       = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket = "weather-test-access-logs"
  input_days        = 30
  people = {
    observers = {
      principals = ["arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_observers_*"]
      folders    = ["stations/readings/"]
    }
  }
}
