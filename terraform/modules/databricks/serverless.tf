# Serverless compute runs in Databricks' network and not in ours: what says whereto it may call. Databricks takes it in ENTERPRISE alone.
locals {
  serverless = var.pricing_tier == "ENTERPRISE" ? [var.name] : []
}

resource "databricks_mws_network_connectivity_config" "this" {
  for_each = toset(local.serverless)
  name     = each.key
  region   = var.region
}

resource "databricks_mws_ncc_binding" "this" {
  for_each                       = toset(local.serverless)
  network_connectivity_config_id = databricks_mws_network_connectivity_config.this[each.key].network_connectivity_config_id
  workspace_id                   = databricks_mws_workspaces.this.workspace_id
}

# Nothing but Unity Catalog's locations, which need no line, and what is named.
resource "databricks_account_network_policy" "this" {
  for_each          = toset(local.serverless)
  network_policy_id = each.key

  egress = {
    network_access = {
      restriction_mode = "RESTRICTED_ACCESS"
      allowed_internet_destinations = [
        for name in var.serverless_destinations : { destination = name, internet_destination_type = "DNS_NAME" }
      ]
      policy_enforcement = { enforcement_mode = "ENFORCED" }
    }
  }
}

resource "databricks_workspace_network_option" "this" {
  for_each          = toset(local.serverless)
  workspace_id      = databricks_mws_workspaces.this.workspace_id
  network_policy_id = databricks_account_network_policy.this[each.key].network_policy_id
}
