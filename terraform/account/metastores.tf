# A region has one metastore for the workspaces of all environments, so none of them owns it.
resource "databricks_metastore" "this" {
  for_each      = toset(concat([var.region], var.more_regions))
  name          = "${each.key}-metastore"
  region        = each.key
  owner         = databricks_group.metastore_admins.display_name
  force_destroy = false

  lifecycle {
    prevent_destroy = true
  }
}

# A metastore that an environment's stack had made, or somebody by hand.
import {
  for_each = var.metastore_ids
  to       = databricks_metastore.this[each.key]
  id       = each.value
}

locals {
  # `billing` is always on; these tell who read what, which job ran how long, and what a query cost.
  system_schemas = ["access", "compute", "lakeflow", "query"]
  turned_on      = { for pair in setproduct(keys(var.workspace_ids), local.system_schemas) : join(" ", pair) => { region = pair[0], schema = pair[1] } }
}

# System tables are a metastore's, and turned on through a workspace of it.
resource "databricks_system_schema" "this" {
  for_each = local.turned_on
  schema   = each.value.schema

  provider_config {
    workspace_id = tostring(var.workspace_ids[each.value.region])
  }

  depends_on = [databricks_metastore.this, databricks_group_member.metastore_admins]
}
