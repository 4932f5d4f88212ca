output "buckets" {
  description = "Names of the buckets by zone."
  value       = merge(module.lake.buckets, { drop = module.drop_zone.bucket })
}

output "policies" {
  description = "Bucket policies as rendered, by zone."
  value       = merge(module.lake.policies, { drop = module.drop_zone.policy_json })
}
