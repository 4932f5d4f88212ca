# What the Databricks account has once, whatever the environments: by an account admin, after the buckets of the states
# and before any stack. It takes its values from one environment, and the environments from their folders.
terraform {
  # Bucket and region come from an environment's state.tfbackend, the key is account/databricks.tfstate.
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

provider "databricks" {
  host       = "https://accounts.cloud.databricks.com"
  account_id = local.account_id
}

locals {
  account_id   = var.stacks.platform_development.databricks.databricks_account_id
  repository   = var.stacks.platform_development.security.repository
  environments = toset([for file in fileset("${path.module}/../environments", "*/environment.tfvars") : dirname(file)])
}

# New workspaces have no Hive metastore, no DBFS and its mounts, no clusters without isolation.
resource "databricks_disable_legacy_features_setting" "this" {
  disable_legacy_features {
    value = true
  }
}
