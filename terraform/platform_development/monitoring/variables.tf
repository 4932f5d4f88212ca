variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      monitoring = object({
        # Addresses by topic: alerts, notices.
        emails = map(set(string))
        # Addresses by result of GitHub's workflows: failure, success.
        workflow_emails = optional(map(set(string)), {})
        # Days for which Airflow's logs are kept.
        log_retention_days = number
        # Whole days without one object landed that raise the alarm.
        silent_days = number
        # Budget of the environment a month, in US dollars.
        monthly_budget_usd = number
      })
    })
  })
}
