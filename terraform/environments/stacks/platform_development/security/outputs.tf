output "role_arns" {
  description = "Deployment roles by team, for the variables of the GitHub environments."
  value       = module.cicd.role_arns
}

output "github_environments" {
  description = "GitHub environments to make, by team."
  value       = module.cicd.github_environments
}
