# Account level: `databricks` here is the provider of accounts.cloud.databricks.com. The order is the one Databricks asks for.
data "databricks_aws_assume_role_policy" "this" {
  external_id = var.databricks_account_id
}

data "databricks_aws_crossaccount_policy" "this" {
  # The only type that minds the four below: "customer" would let Databricks start and end machines anywhere in the account.
  policy_type       = "restricted"
  aws_account_id    = var.account_id
  region            = var.region
  vpc_id            = var.vpc_id
  security_group_id = var.security_group_ids[0]
}

resource "aws_iam_role" "cross_account" {
  name                 = "${var.name}-databricks-cross-account"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = data.databricks_aws_assume_role_policy.this.json
}

resource "aws_iam_role_policy" "cross_account" {
  name   = "databricks-clusters"
  role   = aws_iam_role.cross_account.id
  policy = data.databricks_aws_crossaccount_policy.this.json
}

# IAM takes some seconds to tell Databricks of a policy; the wait hangs on the policy, so that a change waits too.
resource "time_sleep" "cross_account" {
  create_duration = "20s"
  triggers        = { policy = aws_iam_role_policy.cross_account.policy }
}

resource "databricks_mws_credentials" "this" {
  credentials_name = var.name
  role_arn         = aws_iam_role.cross_account.arn

  depends_on = [time_sleep.cross_account]
}

resource "databricks_mws_storage_configurations" "this" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = var.name
  bucket_name                = module.root.name
}

resource "databricks_mws_networks" "this" {
  account_id         = var.databricks_account_id
  network_name       = var.name
  vpc_id             = var.vpc_id
  subnet_ids         = var.subnet_ids
  security_group_ids = var.security_group_ids

  dynamic "vpc_endpoints" {
    for_each = var.private_link == null ? [] : [true]
    content {
      rest_api        = [databricks_mws_vpc_endpoint.this["workspace"].vpc_endpoint_id]
      dataplane_relay = [databricks_mws_vpc_endpoint.this["relay"].vpc_endpoint_id]
    }
  }
}

resource "databricks_mws_workspaces" "this" {
  account_id     = var.databricks_account_id
  workspace_name = var.name
  aws_region     = var.region
  pricing_tier   = var.pricing_tier

  credentials_id                           = databricks_mws_credentials.this.credentials_id
  storage_configuration_id                 = databricks_mws_storage_configurations.this.storage_configuration_id
  network_id                               = databricks_mws_networks.this.network_id
  private_access_settings_id               = try(databricks_mws_private_access_settings.this[0].private_access_settings_id, null)
  managed_services_customer_managed_key_id = try(databricks_mws_customer_managed_keys.this["MANAGED_SERVICES"].customer_managed_key_id, null)
  storage_customer_managed_key_id          = try(databricks_mws_customer_managed_keys.this["STORAGE"].customer_managed_key_id, null)
}

resource "databricks_metastore_assignment" "this" {
  workspace_id = databricks_mws_workspaces.this.workspace_id
  metastore_id = var.metastore_id
}

resource "databricks_mws_permission_assignment" "admins" {
  workspace_id = databricks_mws_workspaces.this.workspace_id
  principal_id = var.admin_group_id
  permissions  = ["ADMIN"]

  depends_on = [databricks_metastore_assignment.this]
}

resource "databricks_mws_permission_assignment" "users" {
  for_each     = var.user_group_ids
  workspace_id = databricks_mws_workspaces.this.workspace_id
  principal_id = each.value
  permissions  = ["USER"]

  depends_on = [databricks_metastore_assignment.this]
}

# The team whose Terraform works inside: an admin of this workspace and of no other, with and without the right to apply.
resource "databricks_mws_permission_assignment" "team" {
  for_each     = var.team
  workspace_id = databricks_mws_workspaces.this.workspace_id
  principal_id = each.value.id
  permissions  = ["ADMIN"]

  depends_on = [databricks_metastore_assignment.this]
}

# What its stack catalog makes. Not `databricks_grants`: that would take the other environments' rights on the metastore.
resource "databricks_grant" "team" {
  for_each   = { for name, principal in var.team : name => principal if principal.applies }
  metastore  = databricks_metastore_assignment.this.metastore_id
  principal  = each.value.application_id
  privileges = ["CREATE_CATALOG", "CREATE_EXTERNAL_LOCATION", "CREATE_STORAGE_CREDENTIAL"]

  provider_config {
    workspace_id = tostring(databricks_mws_workspaces.this.workspace_id)
  }
}

# As in modules/bucket: protection cannot be a variable of prevent_destroy.
resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [databricks_mws_workspaces.this.workspace_id, aws_kms_key.this.arn]

  lifecycle {
    prevent_destroy = true
  }
}
