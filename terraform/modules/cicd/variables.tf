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
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
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
