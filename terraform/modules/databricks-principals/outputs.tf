output "application_ids" {
  description = "Application (client) ids of the service principals by name."
  value       = { for name, principal in databricks_service_principal.this : name => principal.application_id }
}

output "secrets" {
  description = "Secrets of the service principals without federation, by name."
  value       = { for name, s in databricks_service_principal_secret.this : name => s.secret }
  sensitive   = true
}

output "identities" {
  description = "Whose tokens sign in as which service principal, by its name: issuer, subject, audiences."
  value       = { for name, policy in databricks_service_principal_federation_policy.this : name => policy.oidc_policy }
}
