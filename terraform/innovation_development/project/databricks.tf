provider "databricks" {
  host = "https://${local.databricks.host}"
}

provider "databricks" {
  alias      = "account"
  host       = "https://accounts.cloud.databricks.com"
  account_id = local.databricks.databricks_account_id
}

resource "databricks_external_location" "this" {
  name            = local.own
  url             = "s3://${module.bucket.name}/"
  credential_name = databricks_storage_credential.this.name
  isolation_mode  = "ISOLATION_MODE_ISOLATED"
  comment         = "The project ${var.project}, until ${var.ends}"
  force_destroy   = true

  depends_on = [time_sleep.iam]
}

resource "databricks_workspace_binding" "this" {
  for_each = {
    external_location  = databricks_external_location.this.name
    storage_credential = databricks_storage_credential.this.name
  }
  securable_name = each.value
  securable_type = each.key
  workspace_id   = local.databricks.workspace_id
  binding_type   = "BINDING_TYPE_READ_WRITE"
}

# The team's Terraform owns the schema and drops it with all that people made there; people have every right but to hand it on.
resource "databricks_schema" "this" {
  catalog_name  = local.catalog.catalog
  name          = "project_${var.project}"
  comment       = "The project ${var.project} of ${var.group}, until ${var.ends}"
  storage_root  = "${databricks_external_location.this.url}tables"
  force_destroy = true

  depends_on = [databricks_workspace_binding.this]
}

resource "databricks_volume" "this" {
  catalog_name = local.catalog.catalog
  schema_name  = databricks_schema.this.name
  name         = "files"
  volume_type  = "MANAGED"
  comment      = "Files of the project ${var.project}"
}

resource "databricks_grants" "schema" {
  schema = databricks_schema.this.id

  grant {
    principal  = var.group
    privileges = ["ALL_PRIVILEGES"]
  }

  dynamic "grant" {
    for_each = var.readers
    content {
      principal  = grant.key
      privileges = ["USE_SCHEMA", "SELECT", "READ_VOLUME", "EXECUTE"]
    }
  }
}

data "databricks_spark_version" "this" {
  count             = var.cluster == null ? 0 : 1
  long_term_support = true
}

# Under the policy, which fixes when it stops and what it costs an hour at most; its policy's first machine is taken.
resource "databricks_cluster" "this" {
  count                   = var.cluster == null ? 0 : 1
  cluster_name            = local.own
  policy_id               = local.compute.policy_ids[var.cluster.policy]
  spark_version           = data.databricks_spark_version.this[0].id
  node_type_id            = local.policy.node_types[0]
  data_security_mode      = "USER_ISOLATION"
  autotermination_minutes = local.policy.stop_minutes
  custom_tags             = local.tags # those that the policy fixes, and the budget's
  is_pinned               = true       # else Databricks forgets what has stood still for 30 days

  autoscale {
    min_workers = 1
    max_workers = var.cluster.workers
  }

  # A cluster starts when it is made; a newer runtime is no reason to make it anew.
  no_wait = true
  lifecycle {
    ignore_changes = [spark_version]
  }
}

locals {
  policy = var.cluster == null ? null : var.stacks.innovation_development.compute.cluster_policies[var.cluster.policy]
}

resource "databricks_permissions" "cluster" {
  count      = var.cluster == null ? 0 : 1
  cluster_id = databricks_cluster.this[0].id

  access_control {
    group_name       = var.group
    permission_level = "CAN_RESTART"
  }
}

module "budget" {
  source    = "../../modules/databricks-budget"
  providers = { databricks = databricks.account }

  name         = "${local.name} project ${var.project}"
  workspace_id = local.databricks.workspace_id
  tags         = { budget = local.tags.budget }
  monthly_usd  = var.monthly_usd
  emails       = var.stacks.innovation_development.compute.budget.emails
}
