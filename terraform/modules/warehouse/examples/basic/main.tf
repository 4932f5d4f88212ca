provider "aws" {
  region = "us-east-1"
}

module "warehouse" {
  source = "../.."

  name                     = "anthill-dev"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-1", "subnet-2"]
  loader_security_group_id = "sg-0123456789abcdef0"
  kms_key_arn              = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  topic_arns = {
    alerts  = "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts"
    notices = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  }
}
