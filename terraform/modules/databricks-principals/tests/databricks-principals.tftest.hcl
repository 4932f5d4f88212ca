mock_provider "time" {}

mock_provider "databricks" {
  mock_resource "databricks_service_principal" {
    defaults = { id = "1234567890", application_id = "00000000-0000-4000-8000-00000000000a" }
  }
}

override_resource {
  target = databricks_service_principal.this["bundle"]
  values = { id = "1234567891", application_id = "00000000-0000-4000-8000-00000000000d" }
}

variables {
  name                  = "anthill-dev"
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  workspace_id          = 1234567890
  service_principals = {
    pipeline = { federation = { issuer = "https://00000000-0000-4000-8000-000000000000.tokens.sts.global.api.aws", subject = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa" } }
    bundle   = { federation = { issuer = "https://token.actions.githubusercontent.com", subject = "repo:anthill/anthill:environment:dev-innovation_development" } }
    legacy   = { secret_days = 30 }
  }
}

run "principals_are_of_the_account_and_work_in_one_workspace" {
  assert {
    condition     = { for name, a in databricks_mws_permission_assignment.this : name => one(a.permissions) if a.workspace_id == 1234567890 } == { for name in ["bundle", "legacy", "pipeline"] : name => "USER" }
    error_message = "a principal does not get into the workspace, or administers it"
  }
  assert {
    condition     = databricks_mws_permission_assignment.this["bundle"].principal_id == tonumber(databricks_service_principal.this["bundle"].id)
    error_message = "another principal is let in"
  }
}

run "who_deploys_may_let_jobs_run_as_the_pipeline" {
  assert {
    condition     = databricks_access_control_rule_set.pipeline.name == "accounts/00000000-0000-4000-8000-000000000000/servicePrincipals/00000000-0000-4000-8000-00000000000a/ruleSets/default"
    error_message = "the rules are of another principal"
  }
  assert {
    condition     = one(databricks_access_control_rule_set.pipeline.grant_rules).role == "roles/servicePrincipal.user" && one(databricks_access_control_rule_set.pipeline.grant_rules).principals == toset(["servicePrincipals/00000000-0000-4000-8000-00000000000d"])
    error_message = "run_as would be refused, or somebody else may use it"
  }
}

run "the_pipeline_has_no_secret" {
  assert {
    condition     = jsonencode(keys(databricks_service_principal_secret.this)) == jsonencode(["legacy"]) && jsonencode(keys(databricks_service_principal_federation_policy.this)) == jsonencode(["bundle", "pipeline"])
    error_message = "a federated principal has a secret"
  }
  assert {
    condition     = databricks_service_principal_federation_policy.this["pipeline"].oidc_policy.subject == "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa"
    error_message = "another role may sign in as the pipeline"
  }
  assert {
    condition     = databricks_service_principal_secret.this["legacy"].lifetime == "2678400s" && time_rotating.secret["legacy"].rotation_days == 30
    error_message = "a secret is not renewed before it ends"
  }
}

run "refuses_eternal_secrets" {
  command = plan
  variables {
    service_principals = { bundle = {}, pipeline = { secret_days = 3650 } }
  }
  expect_failures = [var.service_principals]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # upper case names
    name = "Anthill"
    # an account in capitals
    databricks_account_id = "ABCDEF00-0000-4000-8000-000000000000"
    # no workspace
    workspace_id = 0
    # nobody who deploys
    service_principals = { pipeline = {} }
  }
  expect_failures = [var.databricks_account_id, var.name, var.service_principals, var.workspace_id]
}

run "refuses_plain_issuers" {
  command = plan
  variables {
    service_principals = { bundle = {}, pipeline = { federation = { issuer = "http://a", subject = "b" } } }
  }
  expect_failures = [var.service_principals]
}

run "refuses_everybody" {
  command = plan
  variables {
    service_principals = { bundle = {}, pipeline = { federation = { issuer = "https://a", subject = "*" } } }
  }
  expect_failures = [var.service_principals]
}
