# Account level: the provider of accounts.cloud.databricks.com. Two budgets and not one with two alerts: the API takes
# exactly one alert a budget in accounts that have not the newer form.
resource "databricks_budget" "this" {
  for_each     = { for percent in [80, 100] : tostring(percent) => percent }
  display_name = "${var.name} ${each.key} %"

  alert_configurations {
    time_period        = "MONTH"
    trigger_type       = "CUMULATIVE_SPENDING_EXCEEDED"
    quantity_type      = "LIST_PRICE_DOLLARS_USD"
    quantity_threshold = tostring(var.monthly_usd * each.value / 100)

    dynamic "action_configurations" {
      for_each = toset(var.emails)
      content {
        action_type = "EMAIL_NOTIFICATION"
        target      = action_configurations.value
      }
    }
  }

  filter {
    workspace_id {
      operator = "IN"
      values   = [var.workspace_id]
    }

    dynamic "tags" {
      for_each = var.tags
      content {
        key = tags.key
        value {
          operator = "IN"
          values   = [tags.value]
        }
      }
    }
  }
}
