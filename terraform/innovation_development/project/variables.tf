variable "project" {
  description = "Name of the project: of its file in projects/<environment>/, its state, its bucket, its schema."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]{1,15}$", var.project))
    error_message = "project must be 2 to 16 lower-case letters and digits, starting with a letter."
  }
}

variable "group" {
  description = "The group that works in the project: it reads, writes and makes what it likes there."
  type        = string

  validation {
    condition     = contains(flatten([for place in values(var.stacks.innovation_development.catalog.places) : place.makers]), var.group)
    error_message = "group must make things in a place of the environment, such as its sandbox: where nobody does, as in prod, there are no projects."
  }
}

variable "readers" {
  description = "Groups that read the project's tables and files."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.readers, keys(var.stacks.innovation_development.catalog.group_privileges))) == 0 && !contains(var.readers, var.group)
    error_message = "readers must be groups that may use the environment's catalog; who works in the project reads as well."
  }
}

variable "ends" {
  description = "The project's last day, such as 2027-03-31, a year ahead at most. After it no plan that keeps the project is made, and what lies in its bucket expires."
  type        = string

  validation {
    condition     = can(formatdate("YYYY", "${var.ends}T00:00:00Z"))
    error_message = "ends must be a day such as 2027-03-31."
  }
}

variable "monthly_usd" {
  description = "What the project may spend on Databricks a month, in US dollars of list price: the team's mailboxes are told at 80 and 100 %."
  type        = number

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd must be above 0."
  }
}

variable "cluster" {
  description = "A cluster of the project's own: which of the environment's cluster policies bounds it, and its workers at most. Null: none."
  type = object({
    policy  = string
    workers = optional(number, 1)
  })
  default = null

  validation {
    condition     = var.cluster == null || try(var.cluster.workers >= 1 && var.cluster.workers <= var.stacks.innovation_development.compute.cluster_policies[var.cluster.policy].max_workers, false)
    error_message = "cluster.policy must be one of ${join(", ", keys(var.stacks.innovation_development.compute.cluster_policies))}, and cluster.workers within its max_workers."
  }
}

variable "stacks" {
  description = "Values of the environment's stacks by team; a project takes what the team's others say of people and clusters."
  type = object({
    innovation_development = object({
      catalog = object({
        # Groups that may use the catalog.
        group_privileges = map(list(string))
        # Schemas where people write, and who makes what is in them.
        places = map(object({ makers = optional(list(string), []) }))
      })
      compute = object({
        # Policies for clusters by name.
        cluster_policies = map(object({
          node_types   = list(string)
          max_workers  = number
          stop_minutes = optional(number, 20)
        }))
        # Whose mailboxes are told of budgets.
        budget = object({ emails = list(string) })
      })
    })
  })
}
