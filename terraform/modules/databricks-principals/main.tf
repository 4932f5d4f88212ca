locals {
  federated = { for name, p in var.service_principals : name => p.federation if p.federation != null }
  secret    = { for name, p in var.service_principals : name => p.secret_days if p.federation == null }
}

# Account level: account admins alone may say whose tokens sign in as a principal.
resource "databricks_service_principal" "this" {
  for_each     = var.service_principals
  display_name = "${var.name}-${each.key}"
}

# A principal of the account is nobody in a workspace that it is not given to.
resource "databricks_mws_permission_assignment" "this" {
  for_each     = var.service_principals
  workspace_id = var.workspace_id
  principal_id = databricks_service_principal.this[each.key].id
  permissions  = ["USER"]
}

resource "databricks_service_principal_federation_policy" "this" {
  for_each             = local.federated
  service_principal_id = databricks_service_principal.this[each.key].id
  description          = "${each.value.subject} signs in with its own identity"

  oidc_policy = {
    issuer    = each.value.issuer
    subject   = each.value.subject
    audiences = each.value.audiences
  }
}

resource "time_rotating" "secret" {
  for_each      = local.secret
  rotation_days = each.value
}

resource "databricks_service_principal_secret" "this" {
  for_each             = local.secret
  service_principal_id = databricks_service_principal.this[each.key].id
  # A day longer than the rotation, so that the old one still works while the new one is put into place.
  lifetime      = "${(each.value + 1) * 86400}s"
  time_rotating = time_rotating.secret[each.key].id
}

# Who deploys sets the pipeline as what jobs run as, and needs the role for it. Authoritative, too: nobody else has it.
resource "databricks_access_control_rule_set" "pipeline" {
  name = "accounts/${var.databricks_account_id}/servicePrincipals/${databricks_service_principal.this["pipeline"].application_id}/ruleSets/default"

  grant_rules {
    role       = "roles/servicePrincipal.user"
    principals = ["servicePrincipals/${databricks_service_principal.this["bundle"].application_id}"]
  }
}
