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

run "a_warehouse_is_made_where_it_is_asked_for" {
  command = plan

  assert {
    condition     = length(module.warehouse) == (local.given.warehouse == null ? 0 : 1) && (output.warehouse == null) == (local.given.warehouse == null)
    error_message = "there is a warehouse that nobody asked for, or none where one was"
  }
  assert {
    condition     = contains(output.secrets_by_hand, "${var.name_prefix}/${var.environment}/connections/warehouse_default") == (local.given.warehouse != null || contains(local.given.connections, "warehouse_default"))
    error_message = "the loader has no connection to the warehouse, or one to none"
  }
}
