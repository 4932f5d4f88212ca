variable "environment" {
  description = "The environment; also the name of its Unity Catalog."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.environment))
    error_message = "environment must be 2 to 16 lower-case letters and digits, starting with a letter: the name of its folder in environments/."
  }
}

variable "region" {
  description = "AWS region of everything in the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "account_id" {
  description = "AWS account of the environment; the provider refuses to work in another."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "name_prefix" {
  description = "First part of every name. Bucket names are unique in all of AWS, so an organisation puts its own name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix \"${var.name_prefix}\" must be 3 to 24 lower-case letters, digits and hyphens, starting with a letter: S3 takes names of 63 characters, IAM roles of 64, and parts are added to it."
  }
}

variable "project" {
  description = "Tag `project` of every resource."
  type        = string
  default     = "anthill"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,31}$", var.project))
    error_message = "project must be 2 to 32 lower-case letters, digits and hyphens, starting with a letter."
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
  description = "Refuse every plan that would delete data, keys, the catalog or the MWAA environment."
  type        = bool

  validation {
    condition     = !contains(var.protected_environments, var.environment) || var.deletion_protection
    error_message = "deletion_protection must be true in ${join(" and ", sort(var.protected_environments))}."
  }
}

variable "protected_environments" {
  description = "Environments that refuse to be without deletion protection."
  type        = set(string)
  default     = ["prod"]

  validation {
    condition     = alltrue([for environment in var.protected_environments : can(regex("^[a-z][a-z0-9]{1,15}$", environment))])
    error_message = "protected_environments must be names of environments: 2 to 16 lower-case letters and digits, starting with a letter."
  }
}

variable "team" {
  description = "The team whose stack asks; its resources carry the name."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+_development$", var.team))
    error_message = "team must be the name of a team's folder, such as platform_development."
  }
}
