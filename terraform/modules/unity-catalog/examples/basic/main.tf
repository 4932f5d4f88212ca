provider "aws" {
  region = "us-east-1"
}

provider "databricks" {
  host = "https://anthill-dev.cloud.databricks.com"
}

module "unity_catalog" {
  source = "../.."

  name         = "anthill-dev"
  account_id   = "111111111111"
  region       = "us-east-1"
  catalog      = "dev"
  workspace_id = 1234567890
  lake = {
    bronze = { bucket = "anthill-dev-bronze", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
    silver = { bucket = "anthill-dev-silver", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
    gold   = { bucket = "anthill-dev-gold", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  }
  pipeline_principal = "00000000-0000-4000-8000-000000000000"
  iam_path           = "/innovation_development/"
}
