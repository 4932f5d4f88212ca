# Made here until the platform team made them (decision 39): this state forgets them, and nothing is destroyed.
# `principal_ids` of the stack platform_development/databricks takes the principals over.
removed {
  from = module.compute.databricks_service_principal.this
  lifecycle {
    destroy = false
  }
}

removed {
  from = module.compute.databricks_service_principal_federation_policy.this
  lifecycle {
    destroy = false
  }
}

removed {
  from = module.compute.databricks_service_principal_secret.this
  lifecycle {
    destroy = false
  }
}

removed {
  from = module.compute.databricks_access_control_rule_set.pipeline
  lifecycle {
    destroy = false
  }
}
