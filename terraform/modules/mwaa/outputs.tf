output "name" {
  description = "Name of the environment."
  value       = aws_mwaa_environment.this.name
}

output "arn" {
  description = "ARN of the environment."
  value       = aws_mwaa_environment.this.arn
}

output "webserver_url" {
  description = "Address of the UI and the REST API."
  value       = aws_mwaa_environment.this.webserver_url
}

output "bucket" {
  description = "Bucket of dags/, plugins.zip, requirements.txt and startup.sh."
  value       = module.bucket.name
}

output "role_arn" {
  description = "ARN of the execution role: the subject of Databricks' federation policy."
  value       = aws_iam_role.execution.arn
}

output "policy_json" {
  description = "The execution role's policy as rendered."
  value       = aws_iam_role_policy.execution.policy
}

output "erasure_policy_json" {
  description = "The policy of the role that erases, as rendered; without a statement where there is no personal bucket."
  value       = local.erasure_json
}

output "secret_arns" {
  description = "ARNs of the secrets by what is behind the prefix, such as connections/polygon_default."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.arn }
}

output "secrets_by_hand" {
  description = "Secrets whose values people have to put."
  value       = sort([for id in local.by_hand : "${var.secrets_prefix}/connections/${id}"])
}
