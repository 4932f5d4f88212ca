provider "aws" {
  region = "us-east-1"
}

provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = "00000000-0000-4000-8000-000000000000"
}

module "databricks" {
  source = "../.."

  name                  = "anthill-dev"
  account_id            = "111111111111"
  region                = "us-east-1"
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  vpc_id                = "vpc-0123456789abcdef0"
  subnet_ids            = ["subnet-1", "subnet-2", "subnet-3"]
  security_group_ids    = ["sg-1"]
  access_log_bucket     = "anthill-dev-access-logs"
  metastore_id          = "00000000-0000-4000-8000-000000000001"
  admin_group_id        = 1001
  user_group_ids        = { analysts = 1002 }
}
