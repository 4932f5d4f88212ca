variable "name" {
  description = "Prefix of the bucket names: <name>-<zone>."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "account_id" {
  description = "AWS account that owns the buckets, twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region of the buckets, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "access_log_name" {
  description = "Name of the access-log bucket after the prefix; each team has its own."
  type        = string
  default     = "access-logs"

  validation {
    condition     = can(regex("^[a-z][a-z-]{1,20}[a-z]$", var.access_log_name))
    error_message = "access_log_name must be 3 to 22 lower-case letters and hyphens, such as access-logs."
  }
}

variable "zones" {
  description = "Buckets by zone, whose names are yours. written: once (objects are only ever created, as in bronze), read (created, or replaced by who has read them, as in documents) or freely; of the first two nothing is deleted, but by the role erased_by, where there is one."
  type = map(object({
    data_class       = string
    written          = optional(string, "freely")
    erased_by        = optional(string)
    object_lock_days = optional(number)
    lifecycle_days = optional(object({
      colder     = optional(number)
      expire     = optional(number)
      noncurrent = optional(number, 90)
    }), {})
  }))
  default = {
    bronze    = { data_class = "licensed", written = "once", lifecycle_days = { colder = 90 } }
    documents = { data_class = "operational", written = "read", lifecycle_days = { noncurrent = 30 } }
    silver    = { data_class = "licensed" }
    gold      = { data_class = "derived" }
    artifacts = { data_class = "operational" }
  }

  validation {
    condition     = length(var.zones) > 0 && alltrue([for zone in keys(var.zones) : can(regex("^[a-z][a-z0-9-]{0,20}[a-z0-9]$", zone))])
    error_message = "zones must be one at least, each named by 2 to 22 lower-case letters, digits and hyphens, starting with a letter."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : contains(["once", "read", "freely"], zone.written)])
    error_message = "written must be once, read or freely."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : zone.object_lock_days == null || zone.written == "once"])
    error_message = "object_lock_days is for zones that are written once: of what is replaced it would keep every version."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : zone.erased_by == null || (zone.written == "once" && zone.object_lock_days == null && can(regex("^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9/_-]+$", zone.erased_by)))])
    error_message = "erased_by must be the ARN of one role, for a zone that is written once and has no object lock."
  }
}

variable "access_log_days" {
  description = "Days for which access logs are kept."
  type        = number
  default     = 365

  validation {
    condition     = var.access_log_days >= 30
    error_message = "access_log_days must be 30 or more."
  }
}

variable "key_deletion_days" {
  description = "Days between the KMS key's deletion and its end, in which it can be brought back."
  type        = number
  default     = 30

  validation {
    condition     = var.key_deletion_days >= 7 && var.key_deletion_days <= 30
    error_message = "key_deletion_days must be between 7 and 30."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete a bucket or the key. False also lets a destroy empty the buckets."
  type        = bool
  default     = true
}
