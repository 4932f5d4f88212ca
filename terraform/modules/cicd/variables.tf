variable "name_prefix" {
  description = "Prefix of every name, without the environment, for example anthill."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix must be 3 to 24 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "environment" {
  description = "Environment whose stacks the roles deploy."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters and digits, starting with a letter."
  }
}

variable "preview_environment" {
  description = "The one environment in which pull requests are planned: the first that changes go to."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.preview_environment))
    error_message = "preview_environment must be the name of an environment: 2 to 16 lower-case letters and digits, starting with a letter."
  }
}

variable "zones" {
  description = "Zones of the lake, each a bucket <prefix>-<environment>-<zone>: the team that makes it, whether it holds data, which no workflow reads or writes, and whether roles of the other team may read it."
  type = map(object({
    team = string
    data = optional(bool, true)
    lent = optional(bool, false)
  }))
  default = {
    artifacts = { team = "platform_development", data = false }
    bronze    = { team = "platform_development", lent = true }
    personal  = { team = "platform_development", lent = true }
    documents = { team = "platform_development" }
    gold      = { team = "innovation_development" }
    silver    = { team = "innovation_development" }
  }

  validation {
    condition     = alltrue([for zone in keys(var.zones) : can(regex("^[a-z][a-z0-9-]{0,20}[a-z0-9]$", zone))])
    error_message = "zones must be named by 2 to 22 lower-case letters, digits and hyphens, starting with a letter."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : contains(["platform_development", "innovation_development"], zone.team)])
    error_message = "zones.*.team must be platform_development or innovation_development."
  }
}

variable "consumed_zone" {
  description = "Zone whose tables are read without Databricks: Glue's database is named after it."
  type        = string
  default     = "gold"

  validation {
    condition     = try(var.zones[var.consumed_zone].team == "innovation_development", false)
    error_message = "consumed_zone must be one of zones of innovation_development."
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

variable "repository" {
  description = "GitHub repository whose workflows deploy, as the subject of its tokens has it: owner/name, or owner@id/name@id of one made or renamed since July 2026."
  type        = string

  validation {
    condition     = can(regex("^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+)$", var.repository))
    error_message = "repository must be owner/name, or owner@id/name@id, without wildcards."
  }
}

variable "create_oidc_provider" {
  description = "Make GitHub's OIDC provider; an account holds one, so false where another stack has made it."
  type        = bool
  default     = true
}

variable "state_bucket" {
  description = "Bucket of the Terraform states."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.state_bucket))
    error_message = "state_bucket must be a bucket name of 3 to 63 characters."
  }
}

variable "state_kms_key_arn" {
  description = "Key of the Terraform states."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.state_kms_key_arn))
    error_message = "state_kms_key_arn must be the ARN of a KMS key."
  }
}
