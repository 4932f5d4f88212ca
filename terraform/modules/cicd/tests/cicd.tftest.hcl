mock_provider "aws" {
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/platform_development/anthill-dev-x" }
  }
}

variables {
  name_prefix       = "anthill"
  environment       = "dev"
  account_id        = "111111111111"
  region            = "us-east-1"
  repository        = "anthill/anthill"
  state_bucket      = "anthill-dev-terraform-state"
  state_kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
}

run "a_role_a_team" {
  assert {
    condition     = jsonencode(keys(aws_iam_role.deploy)) == jsonencode(["innovation_development", "platform_development"])
    error_message = "there is not one role a team"
  }
  assert {
    condition = alltrue([for team, role in aws_iam_role.deploy :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:anthill/anthill:environment:dev-${team}"
    ])
    error_message = "a workflow outside the team's GitHub environment may take its role"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.deploy : !strcontains(role.assume_role_policy, "*")])
    error_message = "a trust has a wildcard"
  }
}

run "a_repository_made_since_july_2026" {
  command = plan
  variables {
    repository = "anthill@1234/anthill@5678"
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role.deploy["platform_development"].assume_role_policy).Statement : s.Condition.StringEquals["token.actions.githubusercontent.com:sub"]] == ["repo:anthill@1234/anthill@5678:environment:dev-platform_development"]
    error_message = "GitHub's tokens of such a repository have the ids in their subject, and are refused"
  }
}

run "plans_read_and_change_nothing" {
  assert {
    condition = alltrue([for team, role in aws_iam_role.plan :
      jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:anthill/anthill:environment:dev-${team}-plan"
    ])
    error_message = "a workflow outside the team's environment for plans may take its reading role"
  }
  assert {
    condition     = alltrue(flatten([for json in values(output.plan_policies) : [for s in jsondecode(json).Statement : [for a in s.Action : can(regex(":(Decrypt|Describe|Get|List|View|GenerateDataKey)", a)) || (a == "s3:PutObject" && alltrue([for r in s.Resource : endswith(r, "/dev/plans/*")]))]]]))
    error_message = "a reading role may change something"
  }
  assert {
    condition     = alltrue([for team in ["platform_development", "innovation_development"] : contains(keys(output.plan_policies), "${team}:read")]) && contains(keys(output.plan_policies), "platform_development:services")
    error_message = "a team has no reading policy"
  }
}

run "results_are_published_from_their_environment" {
  assert {
    condition     = [for s in jsondecode(aws_iam_role.notification.assume_role_policy).Statement : s.Condition.StringEquals["token.actions.githubusercontent.com:sub"]] == ["repo:anthill/anthill:environment:dev-notification"]
    error_message = "another than the notification's environment may publish"
  }
  assert {
    condition     = contains(values(aws_iam_role_policy_attachment.guard)[*].role, "anthill-dev-notification")
    error_message = "the publisher has no guard"
  }
}

run "a_pull_request_reads_dev" {
  state_key = "pull_request" # what a run before this one made keeps its ARN
  override_resource {
    target = aws_iam_policy.plan["platform_development:read"]
    values = { arn = "arn:aws:iam::111111111111:policy/platform_development/read-platform" }
  }
  override_resource {
    target = aws_iam_policy.plan["innovation_development:read"]
    values = { arn = "arn:aws:iam::111111111111:policy/platform_development/read-innovation" }
  }
  override_resource {
    target = aws_iam_policy.plan["platform_development:services"]
    values = { arn = "arn:aws:iam::111111111111:policy/platform_development/services-platform" }
  }
  override_resource {
    target = aws_iam_policy.preview_boundary["pull-request"]
    values = { arn = "arn:aws:iam::111111111111:policy/platform_development/boundary" }
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role.preview["pull-request"].assume_role_policy).Statement : s.Condition.StringEquals["token.actions.githubusercontent.com:sub"]] == ["repo:anthill/anthill:pull_request"]
    error_message = "another than a pull request of this repository may take its role"
  }
  assert {
    condition     = { for team, attached in aws_iam_role_policy_attachment.preview : team => attached.policy_arn } == merge({ for team in ["platform", "innovation"] : "${team}_development" => "arn:aws:iam::111111111111:policy/platform_development/read-${team}" }, { "platform_development:services" = "arn:aws:iam::111111111111:policy/platform_development/services-platform" })
    error_message = "a pull request's role has other policies than the reading ones"
  }
  assert {
    condition     = endswith(aws_iam_role.preview["pull-request"].permissions_boundary, "/boundary") && contains(values(aws_iam_role_policy_attachment.guard)[*].role, "anthill-dev-plan-pull-request")
    error_message = "a pull request's role has no boundary, or no guard"
  }
}

run "no_pull_request_reads_what_comes_after_dev" {
  variables {
    environment = "staging"
  }
  assert {
    condition     = length(aws_iam_role.preview) + length(aws_iam_role_policy_attachment.preview) + length(aws_iam_policy.preview_boundary) == 0
    error_message = "a pull request has a role beyond dev"
  }
}

run "no_policy_allows_everything" {
  assert {
    condition     = alltrue([for json in concat(values(output.policies), values(output.plan_policies), [output.guard_json]) : alltrue([for s in jsondecode(json).Statement : alltrue([for a in s.Action : a != "*" && !endswith(a, ":*")])])])
    error_message = "a policy allows every action of a service"
  }
  assert {
    condition     = alltrue([for json in concat(values(output.policies), values(output.plan_policies), values(output.boundaries), [output.guard_json]) : length(json) <= 6144])
    error_message = "a policy is longer than IAM takes"
  }
}

run "each_team_has_its_own_states" {
  assert {
    condition = alltrue([for key, json in output.policies : alltrue(flatten([for s in jsondecode(json).Statement : [
      for r in s.Resource : !startswith(r, "arn:aws:s3:::anthill-dev-terraform-state/") || startswith(r, "arn:aws:s3:::anthill-dev-terraform-state/${split(":", key)[0]}/dev/")
    ]]))])
    error_message = "a team reaches another team's states, or another environment's"
  }
}

run "innovation_has_no_network_and_no_security" {
  assert {
    condition = length(setsubtract(toset([for a in flatten([for key, json in output.policies : [for s in jsondecode(json).Statement : s.Action] if startswith(key, "innovation")]) : split(":", a)[0]]),
    ["s3", "kms", "ssm", "iam", "glue", "athena", "logs", "cloudwatch"])) == 0
    error_message = "the innovation team reaches a service that is not its own"
  }
  assert {
    condition     = alltrue(flatten([for key, json in output.policies : [for s in jsondecode(json).Statement : [for r in s.Resource : startswith(r, "arn:aws:iam::111111111111:role/innovation_development/")] if anytrue([for a in s.Action : startswith(a, "iam:")])] if startswith(key, "innovation")]))
    error_message = "the innovation team reaches a role outside its path"
  }
  assert {
    condition     = alltrue(flatten([for key, json in output.policies : [for s in jsondecode(json).Statement : try(s.Condition.StringEquals["iam:PermissionsBoundary"], "") != "" if contains(s.Action, "iam:CreateRole") || contains(s.Action, "iam:PutRolePolicy")] if startswith(key, "innovation")]))
    error_message = "the innovation team may make a role without its boundary"
  }
}

run "somebody_else_s_zones" {
  command = plan
  variables {
    environment         = "test"
    preview_environment = "test"
    consumed_zone       = "models"
    zones = {
      models  = { team = "innovation_development" }
      raw     = { team = "platform_development" }
      scripts = { team = "platform_development", data = false }
    }
  }
  assert {
    condition     = jsonencode(flatten([for s in jsondecode(output.guard_json).Statement : s.Resource if s.Sid == "Data"])) == jsonencode([for b in ["models", "raw", "athena", "drop", "workspace"] : "arn:aws:s3:::anthill-test-${b}/*"])
    error_message = "a zone that holds data is not guarded, or one is that holds none"
  }
  assert {
    condition     = !strcontains(output.boundaries["innovation_development"], "anthill-test-raw") && strcontains(output.boundaries["innovation_development"], "anthill-test-models") && alltrue([for s in jsondecode(output.boundaries["innovation_development"]).Statement : length(s.Resource) > 0])
    error_message = "a role of the innovation team reads what is not lent to it"
  }
  assert {
    condition     = !strcontains(join("", concat(values(output.policies), values(output.boundaries), [output.guard_json])), "bronze") && contains(flatten([for s in jsondecode(output.policies["platform_development:lake"]).Statement : s.Resource if s.Sid == "Deliver"]), "arn:aws:s3:::anthill-test-scripts/*")
    error_message = "zones are named that there are not, or the delivery has no place"
  }
  assert {
    condition     = strcontains(output.policies["innovation_development:consumption"], "database/anthill_test_models") && strcontains(output.boundaries["innovation_development"], "database/anthill_test_models")
    error_message = "the database of the consumed zone is not the team's"
  }
  assert {
    condition     = length(aws_iam_role.preview) == 1
    error_message = "pull requests are not planned in the environment that was named"
  }
}

run "refuses_a_zone_without_a_team" {
  command = plan
  variables {
    zones = { raw = { team = "everybody" } }
  }
  expect_failures = [var.zones]
}

run "refuses_to_consume_what_is_lent" {
  command = plan
  variables {
    consumed_zone = "bronze"
  }
  expect_failures = [var.consumed_zone]
}

run "a_second_stack_in_the_account" {
  command = plan
  variables {
    create_oidc_provider = false
  }
  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0
    error_message = "an account cannot hold GitHub's provider twice"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # long prefixes
    name_prefix = "a-name-longer-than-twenty-four"
    # wrong accounts
    account_id = "1234"
    # wrong regions
    region = "virginia"
    # names that are no environment's
    environment         = "Test!"
    preview_environment = "Dev!"
    # zones that no bucket can be named after
    zones = { Raw_Data = { team = "platform_development" } }
    # wildcards of repositories
    repository = "anthill/*"
    # what is no bucket
    state_bucket = "A"
    # an alias as key
    state_kms_key_arn = "alias/x"
  }
  expect_failures = [var.account_id, var.environment, var.name_prefix, var.preview_environment, var.region, var.repository, var.state_bucket, var.state_kms_key_arn, var.zones]
}
