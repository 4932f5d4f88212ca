# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

mock_provider "time" {}

mock_provider "databricks" {
  source = "../../modules/environment/mocks/databricks"
}

mock_provider "databricks" {
  alias  = "account"
  source = "../../modules/environment/mocks/databricks"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/innovation_development/compute" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = module.budget.thresholds["80"] == tostring(var.stacks.innovation_development.compute.budget.monthly_usd * 0.8) && local.tags.team == local.team
    error_message = "the team's usage is not what its budget counts"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
}
