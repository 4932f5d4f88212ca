output "name" {
  description = "Name of the bucket, known once its policy and encryption are in place."
  value       = var.name

  depends_on = [aws_s3_bucket_policy.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.arn
}

output "policy_json" {
  description = "The bucket policy as rendered."
  value       = aws_s3_bucket_policy.this.policy
}
