variable "name" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "Bucket name \"${var.name}\" (${length(var.name)} characters): allowed are 3 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends. Shorten name_prefix."
  }
}

variable "data_class" {
  description = "Tag `data-class`: licensed (Polygon.io's terms), derived, operational, personal (about people), dropped (brought by people)."
  type        = string

  validation {
    condition     = contains(["licensed", "derived", "operational", "personal", "dropped"], var.data_class)
    error_message = "data_class must be licensed, derived, operational, personal or dropped."
  }
}

variable "kms_key_arn" {
  description = "KMS key that encrypts every object. Null: keys of S3 itself, for targets that cannot use KMS (access logs)."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key (arn:aws:kms:<region>:<account>:key/<id>), not an alias."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs, under a prefix of this bucket's name. Null: none, for the log bucket itself."
  type        = string
  default     = null

  validation {
    condition     = var.access_log_bucket == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "lifecycle_days" {
  description = "Days until objects go to colder storage, expire, and until replaced versions go. Null: never."
  type = object({
    colder     = optional(number)
    expire     = optional(number)
    noncurrent = optional(number, 90)
  })
  default = {}

  validation {
    condition     = try(var.lifecycle_days.colder >= 30, var.lifecycle_days.colder == null)
    error_message = "lifecycle_days.colder must be 30 days or more: S3 takes nothing younger into STANDARD_IA."
  }
  validation {
    condition     = try(var.lifecycle_days.expire > coalesce(var.lifecycle_days.colder, 0), var.lifecycle_days.expire == null)
    error_message = "lifecycle_days.expire must be a number of days later than lifecycle_days.colder."
  }
  validation {
    condition     = try(var.lifecycle_days.noncurrent >= 1, false)
    error_message = "lifecycle_days.noncurrent must be 1 day or more."
  }
}

variable "expires_on" {
  description = "Day from whose beginning in UTC every object expires, such as 2027-04-01. Null: lifecycle_days alone says so."
  type        = string
  default     = null

  validation {
    condition     = var.expires_on == null || can(formatdate("YYYY", "${var.expires_on}T00:00:00Z"))
    error_message = "expires_on must be a day such as 2027-04-01, or null."
  }
  validation {
    condition     = var.expires_on == null || var.lifecycle_days.expire == null
    error_message = "expires_on stands for lifecycle_days.expire: S3 takes one of them in a rule."
  }
}

variable "expire_under" {
  description = "Days until objects under a prefix expire, by prefix, such as { \"input/\" = 90 }; lifecycle_days is about all others."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for prefix, days in var.expire_under : endswith(prefix, "/") && days >= 1])
    error_message = "expire_under must map folders with their slash, such as input/, to 1 day or more."
  }
  validation {
    condition     = length(var.expire_under) == 0 || (var.lifecycle_days.expire == null && var.expires_on == null)
    error_message = "expire_under is for a bucket of which all other objects stay: without lifecycle_days.expire and expires_on."
  }
}

variable "object_lock_days" {
  description = "Days for which no version can be deleted (object lock, governance mode). Null: no object lock. Fixed at creation."
  type        = number
  default     = null

  validation {
    condition     = try(var.object_lock_days >= 1 && var.object_lock_days <= 36500, var.object_lock_days == null)
    error_message = "object_lock_days must be between 1 and 36500, or null."
  }
}

variable "policy_statements_json" {
  description = "Further statements of the bucket policy, each as JSON."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.policy_statements_json : can(jsondecode(s).Effect)])
    error_message = "Each of policy_statements_json must be one policy statement as JSON, with an Effect."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the bucket. False also lets a destroy empty it."
  type        = bool
  default     = true
}
