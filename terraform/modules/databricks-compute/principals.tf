locals {
  federated = { for name, p in var.service_principals : name => p.federation if p.federation != null }
  secret    = { for name, p in var.service_principals : name => p.secret_days if p.federation == null }
}

resource "databricks_service_principal" "this" {
  for_each     = var.service_principals
  display_name = "${var.name}-${each.key}"
}

# Account level: the provider alias `databricks.account`.
resource "databricks_service_principal_federation_policy" "this" {
  provider             = databricks.account
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
  provider             = databricks.account
  for_each             = local.secret
  service_principal_id = databricks_service_principal.this[each.key].id
  # A day longer than the rotation, so that the old one still works while the new one is put into place.
  lifetime      = "${(each.value + 1) * 86400}s"
  time_rotating = time_rotating.secret[each.key].id
}
