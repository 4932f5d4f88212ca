# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

mock_provider "time" {}

mock_provider "databricks" {
  alias  = "account"
  source = "../../modules/environment/mocks/databricks"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/databricks" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = module.budget.thresholds["100"] == tostring(var.stacks.platform_development.databricks.budget.monthly_usd)
    error_message = "the workspace has no budget"
  }
  assert {
    condition     = { for name, p in data.databricks_service_principal.team : name => p.display_name } == { for name in ["innovation_development", "innovation_development-plan"] : name => "${var.name_prefix}-terraform-${var.environment}-${name}" }
    error_message = "the team of another environment would administer the workspace"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
}

run "refuses_unknown_sign_ins" {
  command = plan
  variables {
    # neither a token nor a secret
    stacks = {
      platform_development = {
        databricks = merge(var.stacks.platform_development.databricks, { databricks_auth = "password" })
      }
    }
  }
  expect_failures = [var.stacks]
}

run "refuses_an_issuer_that_is_not_the_accounts" {
  command = plan
  variables {
    # a stranger
    stacks = {
      platform_development = {
        databricks = merge(var.stacks.platform_development.databricks, { token_issuer = "https://example.com" })
      }
    }
  }
  expect_failures = [var.stacks]
}
