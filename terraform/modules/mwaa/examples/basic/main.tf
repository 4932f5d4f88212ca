provider "aws" {
  region = "us-east-1"
}

module "mwaa" {
  source = "../.."

  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  environment_class  = "mw1.small"
  workers            = { min = 1, max = 3 }
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = ["sg-1"]
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket  = "anthill-dev-access-logs"
  bronze = {
    bucket      = "anthill-dev-bronze"
    prefixes    = ["polygon/"]
    kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001"
  }
  documents_bucket = "anthill-dev-documents"
  drop             = { bucket = "anthill-dev-drop", queue_arn = "arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop" }
  databricks       = { host = "anthill-dev.cloud.databricks.com", client_id = "00000000-0000-4000-8000-00000000000a" }
  airflow_options  = { "anthill.catalog" = "dev" }
  secrets_prefix   = "anthill/dev"
}
