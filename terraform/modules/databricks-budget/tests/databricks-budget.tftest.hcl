mock_provider "databricks" {}

variables {
  name         = "anthill-dev innovation_development"
  workspace_id = 1234567890
  tags         = { team = "innovation_development", environment = "dev" }
  monthly_usd  = 250
  emails       = ["a@example.com", "b@example.com"]
}

run "notices_at_80_and_100_percent" {
  command = plan

  assert {
    condition     = jsonencode(output.thresholds) == jsonencode({ "100" = "250", "80" = "200" })
    error_message = "notices are sent at other sums than 80 and 100 %"
  }
  assert {
    condition     = alltrue([for b in databricks_budget.this : toset(b.alert_configurations[0].action_configurations[*].target) == toset(var.emails) && alltrue([for a in b.alert_configurations[0].action_configurations : a.action_type == "EMAIL_NOTIFICATION"])])
    error_message = "a mailbox gets no notice"
  }
  assert {
    condition     = alltrue([for b in databricks_budget.this : b.alert_configurations[0].time_period == "MONTH" && b.alert_configurations[0].trigger_type == "CUMULATIVE_SPENDING_EXCEEDED" && b.alert_configurations[0].quantity_type == "LIST_PRICE_DOLLARS_USD" && length(b.alert_configurations) == 1])
    error_message = "the API takes one alert a budget, of a month's sum"
  }
  assert {
    condition     = alltrue([for b in databricks_budget.this : one(b.filter[0].workspace_id[0].values) == 1234567890 && tomap({ for t in b.filter[0].tags : t.key => one(t.value[0].values) }) == tomap(var.tags)])
    error_message = "usage of another workspace or team counts"
  }
}

run "all_of_a_workspace" {
  command = plan
  variables {
    # what carries no tag counts as well
    tags = {}
  }
  assert {
    condition     = alltrue([for b in databricks_budget.this : length(b.filter[0].tags) == 0 && length(b.filter[0].workspace_id) == 1])
    error_message = "usage without tags does not count"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # too short
    name = "a"
    # no workspace
    workspace_id = 0
    # nothing to spend
    monthly_usd = 0
    # nobody to tell
    emails = []
    # a team without a name
    tags = { team = "" }
  }
  expect_failures = [var.emails, var.monthly_usd, var.name, var.tags, var.workspace_id]
}

run "refuses_what_is_no_mailbox" {
  command = plan
  variables {
    # a name
    emails = ["data-platform"]
  }
  expect_failures = [var.emails]
}
