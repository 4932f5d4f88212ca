# Gold past the catalog: a role of the innovation team, which Airflow takes by the connection aws_consumption. Airflow's own role
# has no way to gold.
variable "consumption_role_arn" {
  description = "Role that Airflow takes, by the connection aws_consumption, to enter gold's tables in Glue and run kept queries. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.consumption_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", var.consumption_role_arn))
    error_message = "consumption_role_arn must be the ARN of an IAM role, or null."
  }
}

locals {
  consumption = [for role in compact([var.consumption_role_arn]) : {
    Sid      = "Consumption"
    Effect   = "Allow"
    Action   = ["sts:AssumeRole"]
    Resource = [role]
  }]
}
