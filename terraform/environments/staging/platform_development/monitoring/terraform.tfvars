emails = {
  alerts  = ["data-platform@example.com"]
  notices = ["data-platform@example.com"]
}
log_retention_days = 90
silent_days        = 5
monthly_budget_usd = 600
