variable "name" {
  description = "Prefix of the names: <name>-drop is the bucket and its rule, <name>-drop and <name>-drop-dead the queues."
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

variable "kms_key_arn" {
  description = "Key that encrypts every object, the lake's."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "input_days" {
  description = "Days after which a dropped file expires; its rows, in bronze, and its answer stay."
  type        = number
  default     = 90

  validation {
    condition     = var.input_days >= 7
    error_message = "input_days must be 7 or more: a file that waits over a long weekend is not to be lost."
  }
}

variable "noncurrent_days" {
  description = "Days after which a file that was replaced, or that has expired, is gone for good."
  type        = number
  default     = 30

  validation {
    condition     = var.noncurrent_days >= 7
    error_message = "noncurrent_days must be 7 or more: a version that was replaced is to be answered first."
  }
}

variable "people" {
  description = "Who drops files, by owner of datasets: ARNs of roles of this account with stars, such as that of a permission set, arn:aws:iam::<account>:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_market_*, and the folders <asset class>/<dataset>/ that they drop into. None: no role."
  type        = map(object({ principals = set(string), folders = set(string) }))
  default     = {}

  validation {
    condition     = alltrue([for owner in keys(var.people) : can(regex("^[a-z][a-z0-9-]{0,25}$", owner))])
    error_message = "people must be named by owners as declarations have them: 1 to 26 lower-case letters, digits and hyphens."
  }
  validation {
    condition     = alltrue(flatten([for given in values(var.people) : [length(given.principals) > 0, [for who in given.principals : startswith(who, "arn:aws:iam::${var.account_id}:role/") && length(replace(reverse(split("/", who))[0], "*", "")) > 3]]]))
    error_message = "people.*.principals must be ARNs of roles of this account, one at least, each with a name of its own."
  }
  validation {
    condition     = alltrue(flatten([for given in values(var.people) : [length(given.folders) > 0, [for folder in given.folders : can(regex("^[a-z0-9_]+/[a-z0-9_]+/$", folder))]]]))
    error_message = "people.*.folders must be <asset class>/<dataset>/ with their slash, one at least: an owner without dropped datasets needs no role."
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
  description = "Refuse every plan that would delete the bucket. False also lets a destroy empty it."
  type        = bool
  default     = true
}
