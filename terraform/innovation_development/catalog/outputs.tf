output "schemas" {
  description = "Full names of the schemas."
  value       = module.catalog.schemas
}

output "locations" {
  description = "Addresses of the external locations by zone, or by zone and folder."
  value       = module.catalog.locations
}

output "policies" {
  description = "Policies of the roles as rendered, by access: bronze (reads), tables (reads and writes)."
  value       = module.catalog.policies
}
