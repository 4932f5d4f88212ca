provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = "00000000-0000-4000-8000-000000000000"
}

module "databricks_principals" {
  source = "../.."

  name                  = "anthill-dev"
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  workspace_id          = 1234567890
  service_principals = {
    pipeline = { federation = { issuer = "https://00000000-0000-4000-8000-000000000000.tokens.sts.global.api.aws", subject = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa" } }
    bundle   = { federation = { issuer = "https://token.actions.githubusercontent.com", subject = "repo:anthill/anthill:environment:dev-innovation_development" } }
    legacy   = { secret_days = 30 }
  }
}
