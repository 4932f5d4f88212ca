# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../../stacks/mocks/aws"
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
    condition     = var.environment != "prod" || var.bronze_lock_days != null
    error_message = "prod's bronze has no object lock"
  }
}

run "refuses_prod_without_protection" {
  command = plan
  variables {
    environment         = "prod"
    deletion_protection = false
  }
  expect_failures = [var.deletion_protection]
}

run "refuses_unknown_environments" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # prefixes too long for s3
    name_prefix = "market-data-platform-of-our-company"
    # wrong accounts
    account_id = "dev"
    # wrong regions
    region = "virginia"
    # odd cost centres
    cost_centre = "?"
  }
  expect_failures = [var.account_id, var.cost_centre, var.name_prefix, var.region]
}
