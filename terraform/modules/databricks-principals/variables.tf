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
  description = "Numeric id of the workspace that the principals work in."
  type        = number

  validation {
    condition     = var.workspace_id > 0
    error_message = "workspace_id must be the numeric id of a workspace."
  }
}

variable "service_principals" {
  description = "Service principals by name. With a federation the holder of that identity signs in and no secret exists; without one a secret is made, renewed every secret_days."
  type = map(object({
    federation = optional(object({
      issuer    = string
      subject   = string
      audiences = optional(list(string), ["databricks"])
    }))
    secret_days = optional(number, 90)
  }))

  validation {
    condition     = length(setintersection(keys(var.service_principals), ["pipeline", "bundle"])) == 2
    error_message = "service_principals must hold pipeline, the identity that the jobs run as, and bundle, which deploys them."
  }
  validation {
    condition     = alltrue([for p in values(var.service_principals) : p.federation == null || startswith(try(p.federation.issuer, ""), "https://")])
    error_message = "service_principals.*.federation.issuer must be an https:// address."
  }
  validation {
    condition     = alltrue([for p in values(var.service_principals) : p.federation == null || length(try(p.federation.subject, "")) > 0 && try(p.federation.subject, "*") != "*"])
    error_message = "service_principals.*.federation.subject must name one identity, such as a role's ARN."
  }
  validation {
    condition     = alltrue([for p in values(var.service_principals) : p.secret_days >= 7 && p.secret_days <= 365])
    error_message = "service_principals.*.secret_days must be between 7 and 365."
  }
}
