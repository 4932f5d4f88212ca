output "name" {
  description = "First part of every name."
  value       = local.name
}

output "tags" {
  description = "Tags of every resource."
  value       = local.tags
}

output "parameters" {
  description = "Where stacks publish: one parameter each, ids and names as JSON, /<prefix>/<environment>/<team>/<stack>."
  value       = "/${var.name_prefix}/${var.environment}"
}

output "iam_path" {
  description = "IAM path of the team's roles."
  value       = "/${var.team}/"
}
