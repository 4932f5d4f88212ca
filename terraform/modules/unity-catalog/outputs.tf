output "catalog" {
  description = "Name of the catalog."
  value       = databricks_catalog.this.name
}

output "schemas" {
  description = "Full names of the schemas by name."
  value       = { for name, schema in databricks_schema.this : name => schema.id }
}

output "locations" {
  description = "Addresses of the external locations by zone, or by zone and folder."
  value       = { for name, location in databricks_external_location.this : name => location.url }
}

output "policies" {
  description = "Policies of the roles as rendered, by access: bronze (reads), tables (reads and writes)."
  value       = { for access, policy in aws_iam_role_policy.this : access => policy.policy }
}
