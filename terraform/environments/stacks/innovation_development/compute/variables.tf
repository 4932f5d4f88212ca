variable "warehouse" {
  description = "The analysts' SQL warehouse."
  type = object({
    size         = string
    max_clusters = number
    stop_minutes = number
    user_group   = optional(string, "analysts")
  })
}

variable "cluster_policies" {
  description = "Policies for interactive clusters by name."
  type = map(object({
    node_types   = list(string)
    max_workers  = number
    stop_minutes = optional(number, 20)
    max_dbus     = number
    user_group   = string
  }))
}

variable "repository" {
  description = "GitHub repository whose workflows deploy the bundle, as owner/name."
  type        = string
}

variable "databricks_auth" {
  description = "How the DAGs sign in: federated (no secret) or secret; the same as in the stack mwaa."
  type        = string
  default     = "federated"

  validation {
    condition     = contains(["federated", "secret"], var.databricks_auth)
    error_message = "databricks_auth must be federated or secret."
  }
}

variable "token_issuer" {
  description = "The AWS account's issuer of web identity tokens: aws iam get-outbound-web-identity-federation-info."
  type        = string

  validation {
    condition     = can(regex("^https://[0-9a-f-]{36}\\.tokens\\.sts\\.global\\.api\\.aws$", var.token_issuer))
    error_message = "token_issuer must look like https://<uuid>.tokens.sts.global.api.aws."
  }
}
