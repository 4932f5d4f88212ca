provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = "00000000-0000-4000-8000-000000000000"
}

module "databricks_budget" {
  source = "../.."

  name         = "anthill-dev innovation_development"
  workspace_id = 1234567890
  tags         = { team = "innovation_development" }
  monthly_usd  = 100
  emails       = ["data-platform@example.com"]
}
