provider "aws" {
  region = "us-east-1"
}

module "trail" {
  source = "../.."

  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  watched_buckets    = ["anthill-dev-bronze", "anthill-dev-documents", "anthill-dev-personal", "anthill-dev-terraform-state"]
  bronze_bucket      = "anthill-dev-bronze"
  personal_bucket    = "anthill-dev-personal"
  documents_bucket   = "anthill-dev-documents"
  access_log_bucket  = "anthill-dev-terraform-state-logs"
  connections_prefix = "anthill/dev"
  reader_role        = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa"
  workflow_roles     = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-deploy-*"
  team_paths         = ["/innovation_development/", "/platform_development/"]
  emails             = ["security@example.com"]
}
