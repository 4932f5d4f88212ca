resource "databricks_sql_endpoint" "analysts" {
  name                      = "${var.name}-analysts"
  cluster_size              = var.warehouse.size
  min_num_clusters          = 1
  max_num_clusters          = var.warehouse.max_clusters
  auto_stop_mins            = var.warehouse.stop_minutes
  warehouse_type            = "PRO"
  enable_serverless_compute = true

  tags {
    dynamic "custom_tags" {
      for_each = var.tags
      content {
        key   = custom_tags.key
        value = custom_tags.value
      }
    }
  }
}

resource "databricks_permissions" "warehouse" {
  sql_endpoint_id = databricks_sql_endpoint.analysts.id

  dynamic "access_control" {
    for_each = toset(var.warehouse.user_groups)
    content {
      group_name       = access_control.key
      permission_level = "CAN_USE"
    }
  }

  # Who deploys the bundle and who looks for drift find the warehouse of its dashboards by name.
  dynamic "access_control" {
    for_each = toset(["bundle", "drift"])
    content {
      service_principal_name = var.application_ids[access_control.key]
      permission_level       = "CAN_USE"
    }
  }
}

resource "databricks_cluster_policy" "this" {
  for_each = var.cluster_policies
  name     = "${var.name}-${each.key}"

  definition = jsonencode(merge(
    {
      "spark_version"           = { type = "unlimited", defaultValue = "auto:latest-lts" }
      "data_security_mode"      = { type = "allowlist", values = ["USER_ISOLATION", "SINGLE_USER"], defaultValue = "USER_ISOLATION" }
      "node_type_id"            = { type = "allowlist", values = each.value.node_types, defaultValue = each.value.node_types[0] }
      "driver_node_type_id"     = { type = "allowlist", values = each.value.node_types, defaultValue = each.value.node_types[0] }
      "autoscale.min_workers"   = { type = "range", minValue = 1, maxValue = each.value.max_workers, defaultValue = 1 }
      "autoscale.max_workers"   = { type = "range", minValue = 1, maxValue = each.value.max_workers, defaultValue = 1 }
      "autotermination_minutes" = { type = "fixed", value = each.value.stop_minutes, hidden = true }
      "dbus_per_hour"           = { type = "range", maxValue = each.value.max_dbus }
      # The lake is reached through Unity Catalog alone.
      "aws_attributes.instance_profile_arn" = { type = "forbidden", hidden = true }
    },
    { for key, value in var.tags : "custom_tags.${key}" => { type = "fixed", value = value } },
  ))
}

resource "databricks_permissions" "policy" {
  for_each          = var.cluster_policies
  cluster_policy_id = databricks_cluster_policy.this[each.key].id

  access_control {
    group_name       = each.value.user_group
    permission_level = "CAN_USE"
  }
}
