mock_provider "databricks" {}

mock_provider "databricks" {
  alias = "account"
  mock_resource "databricks_budget_policy" {
    defaults = { policy_id = "00000000-0000-4000-8000-00000000000b" }
  }
}

variables {
  name                  = "anthill-dev"
  tags                  = { environment = "dev", team = "innovation_development" }
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  workspace_id          = 1234567890
  application_ids = {
    pipeline = "00000000-0000-4000-8000-00000000000a"
    bundle   = "00000000-0000-4000-8000-00000000000d"
    drift    = "00000000-0000-4000-8000-00000000000e"
  }
}

run "serverless_usage_carries_the_tags" {
  assert {
    condition     = tomap({ for tag in databricks_budget_policy.this.custom_tags : tag.key => tag.value }) == tomap(var.tags) && one(databricks_budget_policy.this.binding_workspace_ids) == 1234567890
    error_message = "the bill of serverless compute has other tags than the rest, or the policy is for other workspaces"
  }
  assert {
    condition     = one(databricks_access_control_rule_set.policy.grant_rules).role == "roles/budgetPolicy.user" && toset(one(databricks_access_control_rule_set.policy.grant_rules).principals) == toset(["servicePrincipals/00000000-0000-4000-8000-00000000000a", "servicePrincipals/00000000-0000-4000-8000-00000000000d", "groups/data_engineers", "groups/data_scientists"])
    error_message = "who deploys or runs may not choose the policy, or others may"
  }
  assert {
    condition     = databricks_access_control_rule_set.policy.name == "accounts/00000000-0000-4000-8000-000000000000/budgetPolicies/00000000-0000-4000-8000-00000000000b/ruleSets/default"
    error_message = "the rules are of another policy"
  }
}

run "warehouses_stop_by_themselves" {
  assert {
    condition     = databricks_sql_endpoint.analysts.enable_serverless_compute && databricks_sql_endpoint.analysts.warehouse_type == "PRO" && databricks_sql_endpoint.analysts.auto_stop_mins == 5
    error_message = "the warehouse is not serverless, or runs on"
  }
  assert {
    condition     = { for access in databricks_permissions.warehouse.access_control : access.group_name => access.permission_level if coalesce(access.group_name, "-") != "-" } == { for group in ["analysts", "data_engineers", "data_scientists"] : group => "CAN_USE" }
    error_message = "analysts, engineers or scientists cannot use the warehouse, or may do more"
  }
  assert {
    condition     = { for access in databricks_permissions.warehouse.access_control : access.service_principal_name => access.permission_level if coalesce(access.service_principal_name, "-") != "-" } == { "00000000-0000-4000-8000-00000000000d" = "CAN_USE", "00000000-0000-4000-8000-00000000000e" = "CAN_USE" }
    error_message = "who deploys dashboards or looks for drift does not find their warehouse, or another principal does"
  }
}

run "policies_bound_what_clusters_cost" {
  assert {
    condition     = alltrue([for p in databricks_cluster_policy.this : jsondecode(p.definition)["autotermination_minutes"].type == "fixed" && jsondecode(p.definition)["dbus_per_hour"].maxValue == 5])
    error_message = "a cluster may run on, or cost without bound"
  }
  assert {
    condition     = alltrue([for p in databricks_cluster_policy.this : jsondecode(p.definition)["aws_attributes.instance_profile_arn"].type == "forbidden" && jsondecode(p.definition)["custom_tags.environment"].value == "dev"])
    error_message = "a cluster may go round Unity Catalog, or carries no tags"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # upper case names
    name = "Anthill"
    # an account in capitals
    databricks_account_id = "ABCDEF00-0000-4000-8000-000000000000"
    # no workspace
    workspace_id = 0
    # a path in the place of a group
    policy_groups = ["groups/data_engineers"]
    # unknown sizes
    warehouse = { size = "Huge" }
    # endless clusters
    cluster_policies = { x = { node_types = ["m6gd.large"], max_workers = 1, max_dbus = 1, stop_minutes = 0, user_group = "g" } }
    # nobody who deploys
    application_ids = { pipeline = "00000000-0000-4000-8000-00000000000a" }
    # a key with a space
    tags = { "cost centre" = "x" }
  }
  expect_failures = [var.application_ids, var.cluster_policies, var.databricks_account_id, var.name, var.policy_groups, var.tags, var.warehouse, var.workspace_id]
}

run "refuses_bad_values_again" {
  command = plan
  variables {
    # endless warehouses
    warehouse = { stop_minutes = 0 }
    # policies without nodes
    cluster_policies = { x = { node_types = [], max_workers = 1, max_dbus = 1, user_group = "g" } }
  }
  expect_failures = [var.cluster_policies, var.warehouse]
}

run "refuses_bad_values_once_more" {
  command = plan
  variables {
    # too many clusters
    warehouse = { max_clusters = 100 }
    # policies without workers
    cluster_policies = { x = { node_types = ["m6gd.large"], max_workers = 0, max_dbus = 1, user_group = "g" } }
  }
  expect_failures = [var.cluster_policies, var.warehouse]
}
