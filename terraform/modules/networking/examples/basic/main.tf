provider "aws" {
  region = "us-east-1"
}

module "networking" {
  source = "../.."

  name   = "anthill-dev"
  region = "us-east-1"
  zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
  cidr   = "10.20.0.0/16"
  subnets = {
    private    = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"]
    databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"]
    public     = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"]
  }
  log_kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
}
