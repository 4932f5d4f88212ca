output "role_arns" {
  description = "Deployment roles by team, for the variables of the GitHub environments."
  value       = module.cicd.role_arns
}

output "plan_role_arns" {
  description = "Reading roles by team, for the variables of the GitHub environments <environment>-<team>-plan."
  value       = module.cicd.plan_role_arns
}

output "preview_role_arn" {
  description = "Role that plans pull requests, in dev: the repository's variable PREVIEW_ROLE_ARN."
  value       = module.cicd.preview_role_arn
}

output "notification_role_arn" {
  description = "Role that publishes how workflows ended, for the GitHub environment <environment>-notification."
  value       = module.cicd.notification_role_arn
}

output "github_environments" {
  description = "GitHub environments to make, by team, each a second time with -plan."
  value       = module.cicd.github_environments
}

output "people_policy_names" {
  description = "Policies that open Airflow, by its role: permission sets of IAM Identity Center refer to them, path /platform_development/."
  value       = module.cicd.people_policy_names
}
