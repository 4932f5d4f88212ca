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
    # As the tokens of AWS and of GitHub have it: the role with its path, the GitHub environment of the job.
    condition = { for name, identity in module.principals.identities : name => "${identity.issuer} ${identity.subject} ${join(" ", identity.audiences)}" } == {
      pipeline = "${var.stacks.platform_development.databricks.token_issuer} arn:aws:iam::${var.account_id}:role/platform_development/${var.name_prefix}-${var.environment}-mwaa databricks"
      bundle   = "https://token.actions.githubusercontent.com repo:${var.stacks.platform_development.databricks.repository}:environment:${var.environment}-innovation_development databricks"
      drift    = "https://token.actions.githubusercontent.com repo:${var.stacks.platform_development.databricks.repository}:environment:${var.environment}-innovation_development-plan databricks"
    }
    error_message = "a principal of run time is signed in as by somebody else, or by nobody"
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

run "refuses_principals_that_it_does_not_make" {
  command = plan
  variables {
    # a stranger's
    stacks = {
      platform_development = {
        databricks = merge(var.stacks.platform_development.databricks, { principal_ids = { somebody = "1" } })
      }
    }
  }
  expect_failures = [var.stacks]
}

run "a_repository_made_since_july_2026" {
  command = plan
  variables {
    stacks = {
      platform_development = {
        databricks = merge(var.stacks.platform_development.databricks, { repository = "anthill@1234/anthill@5678" })
      }
    }
  }
  assert {
    condition     = module.principals.identities["bundle"].subject == "repo:anthill@1234/anthill@5678:environment:${var.environment}-innovation_development"
    error_message = "GitHub's tokens of such a repository have the ids in their subject, and are refused"
  }
}

# Known at the plan, for it is there: one that is made has no id yet.
run "takes_over_a_principal_that_is_there" {
  command = plan
  override_resource {
    target = module.principals.databricks_service_principal.this["pipeline"]
    values = { id = "1234", application_id = "00000000-0000-4000-8000-0000000000ff" }
  }
  variables {
    stacks = {
      platform_development = {
        databricks = merge(var.stacks.platform_development.databricks, { principal_ids = { pipeline = "1234" } })
      }
    }
  }
  assert {
    condition     = module.principals.application_ids["pipeline"] == "00000000-0000-4000-8000-0000000000ff"
    error_message = "a second pipeline is made beside the one that owns the schemas"
  }
}
