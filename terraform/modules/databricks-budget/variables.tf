variable "name" {
  description = "What the budget is of, for example anthill-dev innovation_development."
  type        = string

  validation {
    condition     = length(var.name) >= 3 && length(var.name) <= 100
    error_message = "name must have 3 to 100 characters."
  }
}

variable "workspace_id" {
  description = "Numeric id of the workspace whose usage counts."
  type        = number

  validation {
    condition     = var.workspace_id > 0
    error_message = "workspace_id must be the numeric id of a workspace."
  }
}

variable "tags" {
  description = "Tags that usage must carry to count, as system.billing.usage shows them. None: all of the workspace, tagged or not."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) > 0 && length(value) > 0])
    error_message = "tags must have keys and values: an empty one counts nothing."
  }
}

variable "monthly_usd" {
  description = "Budget a month, in US dollars of list price; a notice at 80 % and at 100 % spent."
  type        = number

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd must be above 0."
  }
}

variable "emails" {
  description = "Mailboxes that take the notices."
  type        = list(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in var.emails : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", email))])
    error_message = "emails must name one mailbox at least, as name@example.com."
  }
}
