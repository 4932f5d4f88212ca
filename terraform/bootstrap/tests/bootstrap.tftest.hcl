mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000", key_id = "00000000-0000-4000-8000-000000000000" }
  }
}

variables {
  name_prefix         = "anthill"
  environment         = "dev"
  region              = "us-east-1"
  account_id          = "111111111111"
  cost_centre         = "market-data"
  deletion_protection = false
  stacks              = { platform_development = { monitoring = { emails = { alerts = ["data-platform@example.com"] } } } }
}

run "states_are_encrypted_by_their_own_key" {
  assert {
    condition     = length(setsubtract(["kms:Delete*", "kms:RetireGrant", "kms:ScheduleKeyDeletion"], flatten([for s in jsondecode(aws_kms_key.state.policy).Statement : s.Action if s.Sid == "Administration"]))) == 0
    error_message = "nobody can delete the key's alias or end its grants: destroy and rename would stop"
  }
  assert {
    condition     = output.state_bucket == "anthill-dev-terraform-state" && output.state_kms_key_arn == aws_kms_key.state.arn && aws_kms_key.state.enable_key_rotation
    error_message = "the states' bucket or key is not what state.tfbackend names"
  }
}

run "what_happens_is_recorded" {
  assert {
    condition     = output.trail_bucket == "anthill-dev-trail" && length(module.trail[0].alarm_names) == 10
    error_message = "what happens in the account is not recorded, or nobody is told"
  }
}

run "the_organisations_trail_is_enough" {
  command = plan
  variables {
    organisation_trail = true
    stacks             = { platform_development = { monitoring = { emails = { alerts = [] } } } }
  }
  assert {
    condition     = length(module.trail) == 0
    error_message = "the account is recorded twice"
  }
}

run "states_are_protected_by_default" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1
    error_message = "the states can be destroyed"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # unknown environments
    environment = "test"
    # long prefixes
    name_prefix = "market-data-platform-of-our-company"
    # wrong accounts
    account_id = "dev"
    # wrong regions
    region = "virginia"
    # an odd cost centre
    cost_centre = "?"
    # nobody who is told
    stacks = { platform_development = { monitoring = { emails = { alerts = [] } } } }
  }
  expect_failures = [var.account_id, var.cost_centre, var.environment, var.name_prefix, var.region, var.stacks]
}
