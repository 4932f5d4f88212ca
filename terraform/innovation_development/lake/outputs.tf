output "buckets" {
  description = "Names of the buckets by zone."
  value       = module.lake.buckets
}
