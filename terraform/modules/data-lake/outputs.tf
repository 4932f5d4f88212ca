output "buckets" {
  description = "Names of the buckets by zone."
  value       = { for zone, bucket in module.zone : zone => bucket.name }
}

output "policies" {
  description = "Bucket policies as rendered, by zone."
  value       = { for zone, bucket in module.zone : zone => bucket.policy_json }
}

output "access_log_bucket" {
  description = "Bucket of the access logs."
  value       = module.access_logs.name
}

output "kms_key_arn" {
  description = "ARN of the lake's key."
  value       = aws_kms_key.lake.arn
}

output "key_policy_json" {
  description = "The key's policy as rendered."
  value       = aws_kms_key.lake.policy
}
