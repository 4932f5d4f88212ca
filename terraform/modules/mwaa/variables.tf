variable "name" {
  description = "Name of the environment, and prefix of its bucket, role and log groups. A change replaces the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "account_id" {
  description = "AWS account of the environment, twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region of the environment, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "airflow_version" {
  description = "Airflow's version, one that MWAA offers and this repository's pins are made for."
  type        = string
  default     = "3.3.1"

  validation {
    condition     = contains(["3.3.1"], var.airflow_version)
    error_message = "airflow_version must be 3.3.1: requirements.txt is resolved inside that version's constraints."
  }
}

variable "environment_class" {
  description = "Size of scheduler, web server and workers: micro 25 DAGs, small 50, medium 250, large 1000, xlarge 2000, 2xlarge 4000."
  type        = string

  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"], var.environment_class)
    error_message = "environment_class must be mw1.micro, mw1.small, mw1.medium, mw1.large, mw1.xlarge or mw1.2xlarge."
  }
}

variable "workers" {
  description = "Workers at least and at most; MWAA moves between them."
  type        = object({ min = number, max = number })

  validation {
    condition     = var.workers.min >= 1 && var.workers.max >= var.workers.min && var.workers.max <= 25
    error_message = "workers must be 1 <= min <= max <= 25."
  }
  validation {
    condition     = var.environment_class != "mw1.micro" || (var.workers.min == 1 && var.workers.max == 1)
    error_message = "mw1.micro does not scale: workers must be { min = 1, max = 1 }."
  }
}

variable "schedulers" {
  description = "Schedulers: 1 on mw1.micro, else 2 to 5."
  type        = number
  default     = 2

  validation {
    condition     = var.environment_class == "mw1.micro" ? var.schedulers == 1 : var.schedulers >= 2 && var.schedulers <= 5
    error_message = "schedulers must be 1 on mw1.micro and 2 to 5 on every other class."
  }
}

variable "webservers" {
  description = "Web servers at least and at most; they also serve the task API. 1 on mw1.micro, else 2 to 5."
  type        = object({ min = number, max = number })
  default     = { min = 2, max = 2 }

  validation {
    condition = var.environment_class == "mw1.micro" ? var.webservers.min == 1 && var.webservers.max == 1 : (
    var.webservers.min >= 2 && var.webservers.max >= var.webservers.min && var.webservers.max <= 5)
    error_message = "webservers must be { min = 1, max = 1 } on mw1.micro and 2 <= min <= max <= 5 on every other class."
  }
}

variable "webserver_access" {
  description = "Where the UI can be reached from: PRIVATE_ONLY (the VPC) or PUBLIC_ONLY (the internet, behind IAM)."
  type        = string
  default     = "PRIVATE_ONLY"

  validation {
    condition     = contains(["PRIVATE_ONLY", "PUBLIC_ONLY"], var.webserver_access)
    error_message = "webserver_access must be PRIVATE_ONLY or PUBLIC_ONLY."
  }
}

variable "maintenance_window" {
  description = "Weekly start of maintenance, UTC, DAY:HH:MM on the half hour; no market day ends or begins near it."
  type        = string
  default     = "SUN:06:00"

  validation {
    condition     = can(regex("^(MON|TUE|WED|THU|FRI|SAT|SUN):([01][0-9]|2[0-3]):(00|30)$", var.maintenance_window))
    error_message = "maintenance_window must be DAY:HH:MM in UTC on the half hour, such as SUN:06:00."
  }
}

variable "subnet_ids" {
  description = "Two private subnets in two zones. A change replaces the environment."
  type        = list(string)

  validation {
    condition     = length(distinct(var.subnet_ids)) == 2 && length(var.subnet_ids) == 2
    error_message = "subnet_ids must be exactly two subnets in two zones: MWAA takes no more and no fewer."
  }
}

variable "security_group_ids" {
  description = "Security groups; one of them must admit itself."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1 && length(var.security_group_ids) <= 5
    error_message = "security_group_ids must name 1 to 5 groups."
  }
}

variable "kms_key_arn" {
  description = "Key of the environment, its bucket, queues, logs and secrets. A change replaces the environment."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs of the environment's bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "bronze" {
  description = "What the DAGs land: the bucket, a key prefix for each source (with its slash) and the lake's KMS key."
  type        = object({ bucket = string, prefixes = list(string), kms_key_arn = string })

  validation {
    condition     = length(var.bronze.prefixes) > 0 && alltrue([for prefix in var.bronze.prefixes : can(regex("^[a-z0-9_-]+/$", prefix))])
    error_message = "bronze.prefixes must be folders with their slash, such as polygon/."
  }
  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.bronze.kms_key_arn))
    error_message = "bronze.kms_key_arn must be the ARN of a KMS key."
  }
}

variable "personal_bucket" {
  description = "Bucket of what DAGs land about people, under the prefixes of bronze; with it comes the one role that can erase there."
  type        = string
  default     = null

  validation {
    condition     = var.personal_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.personal_bucket)) && var.personal_bucket != var.bronze.bucket
    error_message = "personal_bucket must be a bucket name other than bronze's: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "documents_bucket" {
  description = "Bucket of what the DAGs replace (coverage, what was told, fields seen), under the prefixes of bronze."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.documents_bucket)) && var.documents_bucket != var.bronze.bucket
    error_message = "documents_bucket must be a bucket name other than bronze's: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "databricks" {
  description = "The workspace that the DAGs call: host, client id of the pipeline's service principal, and whether it signs in with the role's own identity (federated) or a secret that people put into Secrets Manager."
  type        = object({ host = string, client_id = string, auth = optional(string, "federated") })

  validation {
    condition     = contains(["federated", "secret"], var.databricks.auth)
    error_message = "databricks.auth must be federated or secret."
  }
  validation {
    condition     = can(regex("^[a-z0-9.-]+$", var.databricks.host))
    error_message = "databricks.host must be a host name without a scheme, such as anthill-dev.cloud.databricks.com."
  }
}

variable "airflow_options" {
  description = "Airflow configuration beside the secrets backend: section.key = value."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.airflow_options) : can(regex("^[a-z_]+\\.[a-z_]+$", key))])
    error_message = "Keys of airflow_options must be section.key, such as core.parallelism."
  }
  validation {
    condition     = alltrue([for key in keys(var.airflow_options) : !startswith(key, "secrets.")])
    error_message = "airflow_options must not set secrets.*: the module does, under the prefix that the role may read."
  }
}

variable "secrets_prefix" {
  description = "Prefix of the secrets: <prefix>/connections/<id> and <prefix>/variables/<key>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9/-]*[a-z0-9]$", var.secrets_prefix))
    error_message = "secrets_prefix must be lower-case words parted by slashes, without one at either end, such as anthill/dev."
  }
}

variable "connections" {
  description = "Connections whose values people put into Secrets Manager: an empty secret is made for each."
  type        = set(string)
  default     = ["polygon_default"]

  validation {
    condition     = alltrue([for id in var.connections : can(regex("^[a-z0-9_-]+$", id))])
    error_message = "connections must be connection ids of lower-case letters, digits, hyphens and underscores, such as polygon_default."
  }
}

variable "variables" {
  description = "Airflow variables, none of them secret: they stand in the state."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.variables) : can(regex("^[A-Za-z0-9_.-]+$", key))])
    error_message = "Keys of variables must be letters, digits, dots, hyphens and underscores."
  }
}

variable "topic_arns" {
  description = "SNS topics to which DAGs publish: `alert` for what somebody acts on, `notice` for what somebody reads, that nothing was delivered among it. Empty: none, and messages are in the logs only."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for severity, arn in var.topic_arns : contains(["alert", "notice"], severity) && can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "topic_arns must map alert and notice to ARNs of SNS topics."
  }
}

variable "artifacts" {
  description = "Object versions at creation of requirements.txt, plugins.zip and startup.sh; null until they were uploaded. The delivery pipeline moves them on afterwards."
  type = object({
    requirements_version = optional(string)
    plugins_version      = optional(string)
    startup_version      = optional(string)
  })
  default = {}

  validation {
    condition     = alltrue([for version in values(var.artifacts) : version == null || try(length(version) > 0, false)])
    error_message = "Each of artifacts must be the version id of an uploaded object, or null where there is none."
  }
}

variable "iam_path" {
  description = "Path of the execution role: the team's."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([a-z_-]+/)*$", var.iam_path))
    error_message = "iam_path must start and end with a slash, such as /platform_development/."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the execution role. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete or replace the environment or its bucket."
  type        = bool
  default     = true
}
