# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/mwaa" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
  assert {
    condition     = local.published.bucket == "${local.name}-mwaa"
    error_message = "the delivery pipeline does not learn the bucket"
  }
  assert {
    condition     = var.environment != "prod" || local.given.webserver_access == "PRIVATE_ONLY"
    error_message = "prod's Airflow is reachable from the internet"
  }
}
