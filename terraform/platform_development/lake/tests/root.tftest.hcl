# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/lake" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
  assert {
    condition     = var.environment != "prod" || local.given.bronze_lock_days != null
    error_message = "prod's bronze has no object lock"
  }
  assert {
    condition     = local.published.bronze_folders == ["drop/", "files/", "polygon/", "polygon_stream/", "postgres/"]
    error_message = "bronze's folders are not those of the sources that include/datasets names"
  }
  assert {
    condition     = { for zone, policy in output.policies : zone => join(" ", flatten([for s in jsondecode(policy).Statement : keys(s.Condition.Null) if can(s.Condition.Null)])) } == { bronze = "s3:if-none-match", personal = "s3:if-none-match", documents = "s3:if-match s3:if-none-match", artifacts = "", drop = "s3:if-none-match" }
    error_message = "bronze, the only copy of what Polygon.io answered, can be replaced; or documents cannot, by who has read them"
  }
}
