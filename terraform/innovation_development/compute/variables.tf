variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      compute = object({
        # The analysts' SQL warehouse.
        warehouse = object({
          size         = string
          max_clusters = number
          stop_minutes = number
          user_groups  = optional(list(string), ["analysts", "data_engineers", "data_scientists"])
        })
        # Policies for interactive clusters by name.
        cluster_policies = map(object({
          node_types   = list(string)
          max_workers  = number
          stop_minutes = optional(number, 20)
          max_dbus     = number
          user_group   = string
        }))
        # What the team may spend on Databricks a month, in US dollars of list price, and who is told at 80 and 100 %.
        budget = object({
          monthly_usd = number
          emails      = list(string)
        })
        # GitHub repository whose workflows deploy the bundle, as owner/name; since July 2026 as owner@id/name@id.
        repository = string
        # How the DAGs sign in: federated (no secret) or secret; the same as in the stack mwaa.
        databricks_auth = optional(string, "federated")
        # The AWS account's issuer of web identity tokens: aws iam get-outbound-web-identity-federation-info.
        token_issuer = string
      })
    })
  })

  validation {
    condition     = contains(["federated", "secret"], var.stacks.innovation_development.compute.databricks_auth)
    error_message = "databricks_auth must be federated or secret."
  }

  validation {
    condition     = can(regex("^https://[0-9a-f-]{36}\\.tokens\\.sts\\.global\\.api\\.aws$", var.stacks.innovation_development.compute.token_issuer))
    error_message = "token_issuer must look like https://<uuid>.tokens.sts.global.api.aws."
  }
}
