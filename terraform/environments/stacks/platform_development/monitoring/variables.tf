variable "emails" {
  description = "Addresses by topic: alerts, notices."
  type        = map(set(string))
}

variable "log_retention_days" {
  description = "Days for which Airflow's logs are kept."
  type        = number
}

variable "silent_days" {
  description = "Whole days without one object landed that raise the alarm."
  type        = number
}

variable "monthly_budget_usd" {
  description = "Budget of the environment a month, in US dollars."
  type        = number
}
