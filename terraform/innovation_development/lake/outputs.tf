output "buckets" {
  description = "Names of the buckets by zone."
  value       = module.lake.buckets
}

output "policies" {
  description = "Bucket policies as rendered, by zone."
  value       = module.lake.policies
}
