# What stood before this stack made it (decision 39): taken over by its id, so that it stays what it is and keeps what it owns.
import {
  for_each = local.given.principal_ids
  to       = module.principals.databricks_service_principal.this[each.key]
  id       = each.value
}

# An environment's metastore became the account's: this state forgets it, and terraform/account takes it over.
removed {
  from = module.databricks.databricks_metastore.this
  lifecycle {
    destroy = false
  }
}
