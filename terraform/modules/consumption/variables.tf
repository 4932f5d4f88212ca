variable "name" {
  description = "Prefix of every name, for example anthill-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "account_id" {
  description = "AWS account, twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "iam_path" {
  description = "Path of the roles made here: the team's."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([a-z_-]+/)*$", var.iam_path))
    error_message = "iam_path must start and end with a slash, such as /innovation_development/."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles made here. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "zone" {
  description = "Zone whose tables are read: its bucket, the KMS key, and the name after which the database is called."
  type        = object({ name = optional(string, "gold"), bucket = string, kms_key_arn = string })

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.zone.kms_key_arn))
    error_message = "zone.kms_key_arn must be the ARN of a KMS key."
  }
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,20}[a-z0-9]$", var.zone.name))
    error_message = "zone.name must be 2 to 22 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "analysts" {
  description = "Who may take the analyst's role, as ARNs of roles of this account with stars, such as that of a permission set: arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_analysts_*. None: no role."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for who in var.analysts : startswith(who, "arn:aws:iam::${var.account_id}:role/") && length(replace(reverse(split("/", who))[0], "*", "")) > 3])
    error_message = "analysts must be ARNs of roles of this account, each with a name of its own."
  }
}

variable "scan_limit_gb" {
  description = "Gigabytes that one query may scan before it is cancelled."
  type        = number
  default     = 10

  validation {
    condition     = var.scan_limit_gb >= 1 && var.scan_limit_gb <= 1000
    error_message = "scan_limit_gb must be between 1 and 1000: a query without a limit has no price."
  }
}

variable "airflow_role_arn" {
  description = "Role of Airflow, which may take the role that enters tables in Glue and runs kept queries. Null: neither role nor workgroup for it."
  type        = string
  default     = null

  validation {
    condition     = var.airflow_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", var.airflow_role_arn))
    error_message = "airflow_role_arn must be the ARN of an IAM role, or null."
  }
}

variable "pipeline_scan_limit_gb" {
  description = "Gigabytes that one kept query may scan before it is cancelled."
  type        = number
  default     = 10

  validation {
    condition     = var.pipeline_scan_limit_gb >= 1 && var.pipeline_scan_limit_gb <= 1000
    error_message = "pipeline_scan_limit_gb must be between 1 and 1000: a query without a limit has no price."
  }
}

variable "queries" {
  description = "Kept queries by name, saved for people in the analysts' workgroup; {market_date} is asked for."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, sql in var.queries : can(regex("^[a-z][a-z0-9_]{0,127}$", name)) && trimspace(sql) != ""])
    error_message = "queries must map names of lower-case letters, digits and underscores to SQL."
  }
}

variable "result_days" {
  description = "Days for which query results are kept."
  type        = number
  default     = 14

  validation {
    condition     = var.result_days >= 1 && var.result_days <= 365
    error_message = "result_days must be between 1 and 365."
  }
}

variable "topic_arn" {
  description = "SNS topic that is told when queries are cancelled."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", var.topic_arn))
    error_message = "topic_arn must be the ARN of an SNS topic."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs of the result bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the result bucket."
  type        = bool
  default     = true
}
