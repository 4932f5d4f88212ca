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

variable "environment" {
  description = "Value of the tag `environment` that the budget counts."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters and digits, starting with a letter."
  }
}

variable "mwaa_name" {
  description = "Name of the MWAA environment that is watched; its log groups are made here, so that they have a retention."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z][0-9a-zA-Z_-]{0,79}$", var.mwaa_name))
    error_message = "mwaa_name must be 1 to 80 letters, digits, hyphens and underscores, starting with a letter."
  }
}

variable "kms_key_arn" {
  description = "Key of topics and logs; its policy admits logs, cloudwatch and budgets."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "emails" {
  description = "Addresses by topic, alerts (someone acts) and notices (someone reads); each must confirm its subscription."
  type        = map(set(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.emails), ["alerts", "notices"])) == 0
    error_message = "emails must be keyed by alerts and notices."
  }
  validation {
    condition     = alltrue([for e in setunion([], values(var.emails)...) : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", e))])
    error_message = "emails must hold addresses such as data-platform@example.com."
  }
}

variable "workflow_emails" {
  description = "Addresses by result of GitHub's workflows, failure and success; each must confirm its subscription."
  type        = map(set(string))
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.workflow_emails), ["failure", "success"])) == 0
    error_message = "workflow_emails must be keyed by failure and success."
  }
  validation {
    condition     = alltrue([for e in setunion([], values(var.workflow_emails)...) : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", e))])
    error_message = "workflow_emails must hold addresses such as data-platform@example.com."
  }
}

variable "log_retention_days" {
  description = "Days for which Airflow's logs are kept; one of the periods CloudWatch offers."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 30 or more and a period that CloudWatch offers: 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, …"
  }
}

variable "bronze_bucket" {
  description = "Bucket whose writes show that landing lives."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bronze_bucket))
    error_message = "bronze_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "personal_bucket" {
  description = "Bucket of what is landed about people, whose errors are counted too."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.personal_bucket))
    error_message = "personal_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "documents_bucket" {
  description = "Bucket of what is replaced, whose errors are counted too."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.documents_bucket))
    error_message = "documents_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "drop_queue" {
  description = "Queue that tells Airflow of dropped files; what reached nobody lies in the one whose name has -dead behind it."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,75}$", var.drop_queue))
    error_message = "drop_queue must be the name of a queue: up to 75 letters, digits, hyphens and underscores."
  }
}

variable "nat_gateway_ids" {
  description = "NAT gateways that are watched, their ids by zone."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.nat_gateway_ids) : can(regex("^nat-[0-9a-f]+$", id))])
    error_message = "nat_gateway_ids must hold ids such as nat-0123456789abcdef0."
  }
}

variable "flow_log_group" {
  description = "Log group of the VPC's flow logs."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_/.#-]{1,512}$", var.flow_log_group))
    error_message = "flow_log_group must be the name of a log group."
  }
}

variable "silent_days" {
  description = "Whole days without one object landed that raise the alarm; a long weekend is four."
  type        = number
  default     = 5

  validation {
    condition     = var.silent_days >= 1 && var.silent_days <= 7
    error_message = "silent_days must be between 1 and 7: CloudWatch looks back a week at most."
  }
}

variable "monthly_budget_usd" {
  description = "Budget of the environment a month, in US dollars; notices at 80 % spent and 100 % forecast, an alert at 100 % spent."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd must be above 0."
  }
}
