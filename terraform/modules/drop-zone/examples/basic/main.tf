provider "aws" {
  region = "us-east-1"
}

module "drop_zone" {
  source = "../.."

  name              = "anthill-dev"
  account_id        = "111111111111"
  region            = "us-east-1"
  kms_key_arn       = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket = "anthill-dev-access-logs"
}
