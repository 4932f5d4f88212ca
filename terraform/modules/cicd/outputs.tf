output "role_arns" {
  description = "Deployment roles by team: what a workflow assumes."
  value       = { for team, role in aws_iam_role.deploy : team => role.arn }
}

output "plan_role_arns" {
  description = "Reading roles by team: what makes plans and looks for drift."
  value       = { for team, role in aws_iam_role.plan : team => role.arn }
}

output "preview_role_arn" {
  description = "Role that plans pull requests, in preview_environment; null elsewhere."
  value       = one([for role in aws_iam_role.preview : role.arn])
}

output "preview_boundary_json" {
  description = "Boundary around it as rendered; its policies are those of plan_policies that keep no plan."
  value       = local.preview_boundary_json
}

output "notification_role_arn" {
  description = "Role that publishes how workflows ended."
  value       = aws_iam_role.notification.arn
}

output "notification_json" {
  description = "Its policy as rendered."
  value       = local.notification_json
}

output "github_environments" {
  description = "GitHub environments by team: only a job in it may assume the team's role; with -plan, the reading one."
  value       = { for team in local.teams : team => "${var.environment}-${team}" }
}

output "plan_policies" {
  description = "Policies of the reading roles as rendered, keyed team:part."
  value       = local.plan_policies
}

output "boundary_arns" {
  description = "Permissions boundaries by team: around every role that the team makes."
  value       = { for team, boundary in aws_iam_policy.boundary : team => boundary.arn }
}

output "policies" {
  description = "Policies of the deployment roles as rendered, keyed team:part."
  value       = local.policy_json
}

output "boundaries" {
  description = "Permissions boundaries by team as rendered."
  value       = local.boundary_json
}

output "guard_json" {
  description = "What no workflow's role may do, as rendered."
  value       = local.guard_json
}

output "people_policies" {
  description = "Policies that open Airflow as rendered, by Airflow's role."
  value       = local.people_json
}

output "people_policy_names" {
  description = "Names of these policies by Airflow's role, for permission sets; their path is /platform_development/."
  value       = { for role, policy in aws_iam_policy.people : role => policy.name }
}
