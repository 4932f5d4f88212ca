output "thresholds" {
  description = "US dollars at which a notice is sent, by percentage."
  value       = { for percent, budget in databricks_budget.this : percent => budget.alert_configurations[0].quantity_threshold }
}
