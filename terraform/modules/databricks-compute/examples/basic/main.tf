provider "databricks" {
  host = "https://anthill-dev.cloud.databricks.com"
}

provider "databricks" {
  alias      = "account"
  host       = "https://accounts.cloud.databricks.com"
  account_id = "00000000-0000-4000-8000-000000000000"
}

module "databricks_compute" {
  source = "../.."

  providers = {
    databricks         = databricks
    databricks.account = databricks.account
  }

  name                  = "anthill-dev"
  tags                  = { environment = "dev" }
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  workspace_id          = 1234567890
  application_ids = {
    pipeline = "00000000-0000-4000-8000-00000000000a"
    bundle   = "00000000-0000-4000-8000-00000000000d"
    drift    = "00000000-0000-4000-8000-00000000000e"
  }
}
