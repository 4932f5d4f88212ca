provider "aws" {
  region = "us-east-1"
}

module "cicd" {
  source = "../.."

  name_prefix       = "anthill"
  environment       = "dev"
  account_id        = "111111111111"
  region            = "us-east-1"
  repository        = "anthill/anthill"
  state_bucket      = "anthill-dev-terraform-state"
  state_kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
}
