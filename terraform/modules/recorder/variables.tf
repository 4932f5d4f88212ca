variable "name" {
  description = "Prefix of the names: <name>-recorder is the cluster and the repository of images."
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

variable "classes" {
  description = "Asset classes whose stream is recorded, each with the size of its task: CPU units and MiB as Fargate has them. None: nothing runs and nothing is billed."
  type        = map(object({ cpu = optional(number, 256), memory = optional(number, 512) }))
  default     = {}

  validation {
    condition     = alltrue([for class in keys(var.classes) : can(regex("^[a-z][a-z0-9_]*$", class))])
    error_message = "classes must be named as include/datasets names them, such as stocks."
  }
  validation {
    condition     = alltrue([for size in values(var.classes) : contains([256, 512, 1024], size.cpu) && size.memory >= 2 * size.cpu && size.memory <= 8 * size.cpu && (size.memory == 512 || size.memory % 1024 == 0)])
    error_message = "classes.* must be a size that Fargate has: cpu 256, 512 or 1024, memory 512 or whole GiB, two to eight times the cpu."
  }
}

variable "vpc_id" {
  description = "VPC of the tasks."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, such as vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the tasks, with a way to the internet: the source has no private endpoint."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids must be ids of subnets, one at least."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts images, logs and the secret, the platform's."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "bronze" {
  description = "Bucket that takes segments, and the lake's key."
  type        = object({ bucket = string, kms_key_arn = string })

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bronze.bucket)) && can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.bronze.kms_key_arn))
    error_message = "bronze must have a bucket's name and the ARN of a KMS key."
  }
}

variable "documents_bucket" {
  description = "Bucket that has the lease."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.documents_bucket)) && var.documents_bucket != var.bronze.bucket
    error_message = "documents_bucket must be a bucket name other than bronze's: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "connection_arn" {
  description = "Secret of the connection polygon_default, as JSON with a password: the source's key."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.connection_arn))
    error_message = "connection_arn must be the ARN of a secret, such as arn:aws:secretsmanager:<region>:<account>:secret:<name>-<six characters>."
  }
}

variable "topic_arns" {
  description = "Topics of the alarms: alerts for what somebody acts on, notices for what is read."
  type        = object({ alerts = string, notices = string })

  validation {
    condition     = alltrue([for arn in values(var.topic_arns) : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "topic_arns.* must be ARNs of SNS topics."
  }
}

variable "log_retention_days" {
  description = "Days for which the recorders' logs are kept; one of the periods CloudWatch offers."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 30 or more and a period that CloudWatch offers: 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, …"
  }
}

variable "images_kept" {
  description = "Releases whose image is kept: so far back a recovery can go."
  type        = number
  default     = 30

  validation {
    condition     = var.images_kept >= 2 && floor(var.images_kept) == var.images_kept
    error_message = "images_kept must be a whole number, 2 or more: the former release is what a recovery brings back."
  }
}

variable "iam_path" {
  description = "Path of the roles: the team's."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([a-z_-]+/)*$", var.iam_path))
    error_message = "iam_path must start and end with a slash, such as /platform_development/."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "deletion_protection" {
  description = "Refuse a destroy while the repository holds images."
  type        = bool
  default     = true
}
