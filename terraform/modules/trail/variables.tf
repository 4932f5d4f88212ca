variable "name" {
  description = "Name of the trail and prefix of all else, for example anthill-dev."
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
  description = "AWS region of the trail; it records all regions."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "watched_buckets" {
  description = "Buckets of which every object that is read, written or deleted is recorded."
  type        = list(string)

  validation {
    condition     = length(var.watched_buckets) > 0 && alltrue([for b in var.watched_buckets : can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", b))])
    error_message = "watched_buckets must be one or more bucket names."
  }
}

variable "bronze_bucket" {
  description = "Bucket in which nothing is ever deleted: a refused try is an alarm."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bronze_bucket))
    error_message = "bronze_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "personal_bucket" {
  description = "Bucket of what is landed about people, from which one role alone erases: a refused try of anybody else is an alarm."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.personal_bucket))
    error_message = "personal_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "documents_bucket" {
  description = "Bucket of what is replaced and never deleted: a refused try is an alarm, too."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.documents_bucket))
    error_message = "documents_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access log of the trail's own bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "connections_prefix" {
  description = "Secrets whose readers are known: names that begin with it and a slash."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9/-]*[a-z0-9]$", var.connections_prefix))
    error_message = "connections_prefix must be lower-case letters, digits, hyphens and slashes, without one at an end."
  }
}

variable "reader_role" {
  description = "ARN of the role that reads these secrets; * stands for any rest."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_/-]+[*]?$", var.reader_role))
    error_message = "reader_role must be the ARN of a role."
  }
}

variable "workflow_roles" {
  description = "ARN of the roles that change policies of buckets and keys; * stands for any rest."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_/-]+[*]?$", var.workflow_roles))
    error_message = "workflow_roles must be the ARN of a role."
  }
}

variable "team_paths" {
  description = "Paths of the teams' roles, which change nothing of what is recorded."
  type        = set(string)

  validation {
    condition     = length(var.team_paths) > 0 && alltrue([for path in var.team_paths : can(regex("^/[a-z_]+/$", path))])
    error_message = "team_paths must be paths such as /platform_development/."
  }
}

variable "emails" {
  description = "Addresses that get the alarms; each must confirm its subscription."
  type        = set(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for e in var.emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", e))])
    error_message = "emails must be one or more addresses such as data-platform@example.com."
  }
}

variable "kept_days" {
  description = "Days for which no recorded file can be deleted; a day later it goes."
  type        = number
  default     = 365

  validation {
    condition     = var.kept_days >= 90 && var.kept_days <= 3650
    error_message = "kept_days must be between 90 and 3650."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the recorded files. False is for tests."
  type        = bool
  default     = true
}
