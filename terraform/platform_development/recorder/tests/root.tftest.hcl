# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/recorder" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
  assert {
    condition     = var.environment != "prod" || local.given.log_retention_days >= 365
    error_message = "prod keeps its logs for less than a year"
  }
  assert {
    condition     = output.cluster == "${var.name_prefix}-${var.environment}-recorder"
    error_message = "Airflow and the delivery look for the cluster under another name"
  }
}
