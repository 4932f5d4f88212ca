output "metastore_ids" {
  description = "Metastores by region: metastore_id of the environments' stack databricks."
  value       = { for region, metastore in databricks_metastore.this : region => metastore.id }
}

output "client_ids" {
  description = "By GitHub environment, its variable TERRAFORM_CLIENT_ID."
  value       = { for name, principal in databricks_service_principal.terraform : name => principal.application_id }
}
