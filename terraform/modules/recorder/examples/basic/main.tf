provider "aws" {
  region = "us-east-1"
}

module "recorder" {
  source = "../.."

  name             = "anthill-dev"
  account_id       = "111111111111"
  region           = "us-east-1"
  classes          = { stocks = {}, crypto = {} }
  vpc_id           = "vpc-0123456789abcdef0"
  subnet_ids       = ["subnet-1", "subnet-2"]
  kms_key_arn      = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  documents_bucket = "anthill-dev-documents"
  connection_arn   = "arn:aws:secretsmanager:us-east-1:111111111111:secret:anthill/dev/connections/polygon_default-AbCdEf"
  bronze = {
    bucket      = "anthill-dev-bronze"
    kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001"
  }
  topic_arns = {
    alerts  = "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts"
    notices = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  }
}
