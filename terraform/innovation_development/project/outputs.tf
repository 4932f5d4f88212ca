output "schema" {
  description = "Full name of the project's schema."
  value       = databricks_schema.this.id
}

output "bucket" {
  description = "Name of the project's bucket."
  value       = module.bucket.name
}

output "policy_json" {
  description = "Policy of the project's role as rendered."
  value       = local.policy_json
}
