variable "name_prefix" {
  description = "First part of every name, the same as in the environments' tfvars."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix must be 3 to 24 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "AWS region of the environments."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "more_regions" {
  description = "Other regions that have workspaces."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.more_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region)) && region != var.region])
    error_message = "more_regions must be regions such as eu-west-1, and not the first one."
  }
}

variable "workspace_ids" {
  description = "By region, the id of any workspace in it: what system tables are turned on through. Empty until there is one."
  type        = map(number)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.workspace_ids), concat([var.region], var.more_regions))) == 0 && alltrue([for id in values(var.workspace_ids) : id > 0])
    error_message = "workspace_ids must be numeric ids of workspaces by a region that has a metastore."
  }
}

variable "metastore_ids" {
  description = "By region, the id of a metastore that is there already: it is taken over, for a region takes no second. Only the first time."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.metastore_ids), concat([var.region], var.more_regions))) == 0 && alltrue([for id in values(var.metastore_ids) : can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", id))])
    error_message = "metastore_ids must be UUIDs by a region that has a metastore here."
  }
}

variable "stacks" {
  description = "Values of an environment's stacks by team; the account takes its id and the repository."
  type = object({
    platform_development = object({
      databricks = object({ databricks_account_id = string })
      security   = object({ repository = string })
    })
  })

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.stacks.platform_development.databricks.databricks_account_id))
    error_message = "databricks_account_id must be a UUID in lower case."
  }
  validation {
    condition     = can(regex("^([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+|[A-Za-z0-9_.-]+@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+)$", var.stacks.platform_development.security.repository))
    error_message = "repository must be owner/name, or owner@id/name@id, without wildcards."
  }
}
