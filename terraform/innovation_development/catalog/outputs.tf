output "schemas" {
  description = "Full names of the schemas."
  value       = module.catalog.schemas
}

output "locations" {
  description = "Addresses of the external locations by zone."
  value       = module.catalog.locations
}
