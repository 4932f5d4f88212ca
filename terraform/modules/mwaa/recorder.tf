# The recorders of streams are no tasks of Airflow's: a DAG shows them, and sets how many tasks of each there are.
variable "recorder_cluster" {
  description = "Name of the ECS cluster in which each asset class's recorder is a service. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.recorder_cluster == null || can(regex("^[A-Za-z][A-Za-z0-9_-]{0,254}$", var.recorder_cluster))
    error_message = "recorder_cluster must be the name of a cluster: letters, digits, hyphens and underscores."
  }
}

locals {
  recorders = flatten([for cluster in compact([var.recorder_cluster]) : [
    {
      Sid      = "Recorders"
      Effect   = "Allow"
      Action   = ["ecs:DescribeServices", "ecs:UpdateService"]
      Resource = ["arn:aws:ecs:${var.region}:${var.account_id}:service/${cluster}/*"]
    },
    {
      # Which image runs; this one names no resource.
      Sid      = "RecorderImages"
      Effect   = "Allow"
      Action   = ["ecs:DescribeTaskDefinition"]
      Resource = ["*"]
    },
  ]])
}
