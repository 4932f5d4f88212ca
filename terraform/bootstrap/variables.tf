variable "name_prefix" {
  description = "First part of every name, the same as in the environment's tfvars."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix must be 3 to 24 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "environment" {
  description = "The environment whose account this is."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "region" {
  description = "AWS region of the states."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "account_id" {
  description = "AWS account, twelve digits; the provider refuses to work in another."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "cost_centre" {
  description = "Tag `cost-centre` of every resource."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{2,32}$", var.cost_centre))
    error_message = "cost_centre must be 2 to 32 letters, digits and hyphens."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the states or their key. False is for tests."
  type        = bool
  default     = true
}

variable "organisation_trail" {
  description = "The organisation has a trail that records this account: no trail, bucket, alarm or analyser of ours."
  type        = bool
  default     = false
}

variable "stacks" {
  description = "Values of the environment's stacks by team; bootstrap takes who gets alarms."
  type = object({
    platform_development = object({
      monitoring = object({ emails = object({ alerts = set(string) }) })
    })
  })

  validation {
    condition     = var.organisation_trail || length(var.stacks.platform_development.monitoring.emails.alerts) > 0
    error_message = "monitoring.emails.alerts must name somebody, who is told what happens in the account."
  }
}
