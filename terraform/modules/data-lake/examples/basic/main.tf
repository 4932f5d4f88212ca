provider "aws" {
  region = "us-east-1"
}

module "data_lake" {
  source = "../.."

  name       = "anthill-dev"
  account_id = "111111111111"
  region     = "us-east-1"
}
