provider "aws" {
  region = "us-east-1"
}

module "consumption" {
  source = "../.."

  name              = "anthill-dev"
  account_id        = "111111111111"
  region            = "us-east-1"
  zone              = { bucket = "anthill-dev-gold", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  topic_arn         = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  access_log_bucket = "anthill-dev-innovation-logs"
}
