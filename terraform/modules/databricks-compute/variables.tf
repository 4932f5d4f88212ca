variable "name" {
  description = "Prefix of every name, for example anthill-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "databricks_account_id" {
  description = "Databricks account id, a UUID from the account console."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.databricks_account_id))
    error_message = "databricks_account_id must be a UUID in lower case."
  }
}

variable "workspace_id" {
  description = "Numeric id of the workspace, the only one in which the budget policy can be chosen."
  type        = number

  validation {
    condition     = var.workspace_id > 0
    error_message = "workspace_id must be the numeric id of a workspace."
  }
}

variable "policy_groups" {
  description = "Groups that may choose the budget policy for serverless compute of their own."
  type        = list(string)
  default     = ["data_engineers", "data_scientists"]

  validation {
    condition     = alltrue([for group in var.policy_groups : can(regex("^[^/]+$", group))])
    error_message = "policy_groups must be names of groups, without a slash."
  }
}

variable "tags" {
  description = "Tags that clusters, warehouses and, by the budget policy, serverless compute carry into the bill."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : can(regex("^[a-zA-Z0-9_.:/=+@-]{1,127}$", key)) && length(value) <= 255])
    error_message = "tags must have keys of 1 to 127 letters, digits and _.:/=+@- without spaces, and values of 255 characters at most."
  }
}

variable "warehouse" {
  description = "The analysts' serverless SQL warehouse: size, clusters at most, minutes until it stops, groups that may use it."
  type = object({
    size         = optional(string, "2X-Small")
    max_clusters = optional(number, 1)
    stop_minutes = optional(number, 5)
    user_groups  = optional(list(string), ["analysts", "data_engineers", "data_scientists"])
  })
  default = {}

  validation {
    condition = contains(["2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large"],
    var.warehouse.size)
    error_message = "warehouse.size must be 2X-Small, X-Small, Small, Medium, Large, X-Large, 2X-Large, 3X-Large or 4X-Large."
  }
  validation {
    condition     = var.warehouse.max_clusters >= 1 && var.warehouse.max_clusters <= 40
    error_message = "warehouse.max_clusters must be between 1 and 40."
  }
  validation {
    condition     = var.warehouse.stop_minutes >= 1 && var.warehouse.stop_minutes <= 120
    error_message = "warehouse.stop_minutes must be between 1 and 120: 0 would never stop."
  }
}

variable "cluster_policies" {
  description = "Policies for interactive clusters by name: node types, workers at most, minutes until they stop, DBUs an hour at most, group that may use it."
  type = map(object({
    node_types   = list(string)
    max_workers  = number
    stop_minutes = optional(number, 20)
    max_dbus     = number
    user_group   = string
  }))
  default = {
    engineering = { node_types = ["m6gd.large", "m6gd.xlarge"], max_workers = 2, max_dbus = 5, user_group = "data_engineers" }
    science     = { node_types = ["r6gd.large", "r6gd.xlarge"], max_workers = 2, max_dbus = 5, user_group = "data_scientists" }
  }

  validation {
    condition     = alltrue([for p in values(var.cluster_policies) : p.stop_minutes >= 10 && p.stop_minutes <= 120])
    error_message = "cluster_policies.*.stop_minutes must be between 10 and 120."
  }
  validation {
    condition     = alltrue([for p in values(var.cluster_policies) : p.max_workers >= 1 && p.max_workers <= 50 && p.max_dbus > 0])
    error_message = "cluster_policies.*.max_workers must be between 1 and 50, and max_dbus above 0."
  }
  validation {
    condition     = alltrue([for p in values(var.cluster_policies) : length(p.node_types) > 0])
    error_message = "cluster_policies.*.node_types must name one type at least."
  }
}

variable "application_ids" {
  description = "Application ids of the service principals by name: pipeline, which jobs run as, bundle, which deploys them, and drift, which looks at them."
  type        = map(string)

  validation {
    condition     = alltrue([for name in ["bundle", "drift", "pipeline"] : can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.application_ids[name]))])
    error_message = "application_ids must give pipeline, bundle and drift, UUIDs in lower case."
  }
}
