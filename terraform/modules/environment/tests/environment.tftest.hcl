variables {
  environment         = "dev"
  region              = "us-east-1"
  account_id          = "111111111111"
  name_prefix         = "anthill"
  cost_centre         = "market-data"
  deletion_protection = false
  team                = "platform_development"
}

run "names_and_tags" {
  command = plan

  assert {
    condition     = output.name == "anthill-dev" && output.parameters == "/anthill/dev" && output.iam_path == "/platform_development/"
    error_message = "stacks would get other names than they have"
  }
  assert {
    condition     = output.tags == { project = "anthill", environment = "dev", team = "platform_development", cost-centre = "market-data", data-class = "operational", managed-by = "terraform" }
    error_message = "resources would carry other tags than they have"
  }
}

run "somebody_else_s_environments" {
  command = plan
  variables {
    environment            = "live"
    project                = "weather"
    deletion_protection    = true
    protected_environments = ["live", "rehearsal"]
  }
  assert {
    condition     = output.name == "anthill-live" && output.tags.project == "weather"
    error_message = "environments or the project have names that cannot be chosen"
  }
}

run "refuses_a_protected_environment_without_protection" {
  command = plan
  variables {
    environment            = "live"
    protected_environments = ["live"]
  }
  expect_failures = [var.deletion_protection]
}

run "refuses_prod_without_protection" {
  command = plan
  variables {
    environment         = "prod"
    deletion_protection = false
  }
  expect_failures = [var.deletion_protection]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # no name of a folder
    environment = "Test!"
    # prefixes too long for s3
    name_prefix = "market-data-platform-of-our-company"
    # wrong accounts
    account_id = "dev"
    # wrong regions
    region = "virginia"
    # odd cost centres
    cost_centre = "?"
    # nobody's team
    team = "everybody"
    # projects that are no tag's value
    project = "Our Project"
    # environments that cannot be
    protected_environments = ["Prod!"]
  }
  expect_failures = [var.account_id, var.cost_centre, var.environment, var.name_prefix, var.project, var.protected_environments, var.region, var.team]
}
