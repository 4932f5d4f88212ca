provider "aws" {
  region = "us-east-1"
}

module "monitoring" {
  source = "../.."

  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  environment        = "dev"
  mwaa_name          = "anthill-dev"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  emails             = { alerts = ["a@example.com", "b@example.com"], notices = ["a@example.com"] }
  workflow_emails    = { failure = ["a@example.com"] }
  bronze_bucket      = "anthill-dev-bronze"
  personal_bucket    = "anthill-dev-personal"
  documents_bucket   = "anthill-dev-documents"
  drop_queue         = "anthill-dev-drop"
  nat_gateway_ids    = { us-east-1a = "nat-0123456789abcdef0" }
  flow_log_group     = "/anthill-dev/vpc-flow"
  monthly_budget_usd = 900
}
