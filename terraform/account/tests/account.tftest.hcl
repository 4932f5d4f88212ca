# Planned and never applied: a metastore is not destroyed, in a test either.
mock_provider "databricks" {}

variables {
  name_prefix = "anthill"
  region      = "us-east-1"
  stacks = {
    platform_development = {
      databricks = { databricks_account_id = "00000000-0000-4000-8000-000000000000" }
      security   = { repository = "anthill/anthill" }
    }
  }
}

run "a_principal_for_each_environment_and_team" {
  command = plan
  assert {
    condition     = toset(keys(databricks_service_principal.terraform)) == toset(flatten([for e in ["dev", "staging", "prod"] : [for t in ["platform_development", "innovation_development"] : ["${e}-${t}", "${e}-${t}-plan"]]]))
    error_message = "an environment or team has no principal of its own, for applying or for planning"
  }
  assert {
    condition     = length(distinct([for p in databricks_service_principal.terraform : p.display_name])) == 12 && databricks_service_principal.terraform["prod-innovation_development"].display_name == "anthill-terraform-prod-innovation_development"
    error_message = "the stack databricks would not find the principals by their names"
  }
  assert {
    condition     = { for name, policy in databricks_service_principal_federation_policy.terraform : name => policy.oidc_policy.subject } == { for name in keys(databricks_service_principal.terraform) : name => "repo:anthill/anthill:environment:${name}" }
    error_message = "a principal is signed in as by jobs of another environment"
  }
  assert {
    condition     = alltrue([for policy in databricks_service_principal_federation_policy.terraform : policy.oidc_policy.audiences == tolist(["databricks"]) && policy.oidc_policy.issuer == "https://token.actions.githubusercontent.com"])
    error_message = "tokens for others, or of others, are accepted"
  }
}

run "only_the_platform_team_administers_the_account" {
  command = plan
  assert {
    condition     = alltrue([for name in keys(databricks_service_principal_role.account_admin) : strcontains(name, "platform_development")]) && length(databricks_service_principal_role.account_admin) == 6 && alltrue([for r in databricks_service_principal_role.account_admin : r.role == "account_admin"])
    error_message = "the innovation team may change the account, or the platform team cannot make workspaces"
  }
  assert {
    condition     = keys(databricks_group_member.metastore_admins) == keys(databricks_service_principal_role.account_admin)
    error_message = "who gives rights on the metastore is no metastore admin, or others are"
  }
}

run "a_region_has_one_metastore_of_its_admins" {
  command = plan
  variables {
    more_regions = ["eu-west-1"]
  }
  assert {
    condition     = { for region, m in databricks_metastore.this : region => m.region } == { us-east-1 = "us-east-1", eu-west-1 = "eu-west-1" } && alltrue([for m in databricks_metastore.this : m.owner == "metastore_admins" && !m.force_destroy])
    error_message = "a region has no metastore, or it goes with what it holds, or is one person's"
  }
  assert {
    condition     = length(databricks_system_schema.this) == 0
    error_message = "system tables are asked for before there is a workspace to ask through"
  }
}

# Known at the plan, for it is there: one that is made has no id yet.
run "a_metastore_that_is_there_is_taken_over" {
  command = plan
  override_resource {
    target = databricks_metastore.this["us-east-1"]
    values = { metastore_id = "00000000-0000-4000-8000-0000000000fe" }
  }
  variables {
    metastore_ids = { us-east-1 = "00000000-0000-4000-8000-0000000000fe" }
  }
  assert {
    condition     = databricks_metastore.this["us-east-1"].metastore_id == var.metastore_ids["us-east-1"]
    error_message = "a second metastore is asked for, which the region refuses"
  }
}

run "system_tables_are_on" {
  command = plan
  variables {
    workspace_ids = { us-east-1 = 1234567890 }
  }
  assert {
    condition     = toset([for s in databricks_system_schema.this : s.schema]) == toset(["access", "compute", "lakeflow", "query"]) && alltrue([for s in databricks_system_schema.this : one(s.provider_config).workspace_id == "1234567890"])
    error_message = "audit, lineage, jobs or queries are in no table, or of another metastore"
  }
}

run "new_workspaces_have_no_legacy" {
  command = plan
  assert {
    condition     = one(databricks_disable_legacy_features_setting.this.disable_legacy_features).value
    error_message = "a new workspace has a Hive metastore and mounts"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # long prefixes
    name_prefix = "market-data-platform-of-our-company"
    # wrong regions
    region = "virginia"
    stacks = {
      platform_development = {
        # an account by name
        databricks = { databricks_account_id = "ours" }
        security   = { repository = "anthill/anthill" }
      }
    }
  }
  expect_failures = [var.name_prefix, var.region, var.stacks]
}

run "refuses_every_repository_and_a_region_twice" {
  command = plan
  variables {
    # the first region again
    more_regions = ["us-east-1"]
    stacks = {
      platform_development = {
        databricks = { databricks_account_id = "00000000-0000-4000-8000-000000000000" }
        # all of an owner's
        security = { repository = "anthill/*" }
      }
    }
  }
  expect_failures = [var.more_regions, var.stacks]
}

run "refuses_workspaces_without_a_metastore" {
  command = plan
  variables {
    # nowhere
    workspace_ids = { moon = 1 }
  }
  expect_failures = [var.workspace_ids]
}

run "refuses_metastores_of_nowhere" {
  command = plan
  variables {
    # a name in the place of an id
    metastore_ids = { us-east-1 = "ours" }
  }
  expect_failures = [var.metastore_ids]
}
