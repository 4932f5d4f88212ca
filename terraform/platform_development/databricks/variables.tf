variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      databricks = object({
        # Databricks account id, a UUID from the account console.
        databricks_account_id = string
        # Unity Catalog metastore of the region, an output of terraform/account.
        metastore_id = string
        # Id of the account group whose members administer the workspace.
        admin_group_id = number
        # Ids of the account groups whose members may enter the workspace, by name.
        user_group_ids = map(number)
        # GitHub repository whose workflows deploy the bundle, as owner/name; since July 2026 as owner@id/name@id.
        repository = string
        # Ids of principals that are there already, by name (pipeline, bundle, drift): taken over, only the first time.
        principal_ids = optional(map(string), {})
        # How the DAGs sign in: federated (no secret) or secret; the same as in the stack mwaa.
        databricks_auth = optional(string, "federated")
        # The AWS account's issuer of web identity tokens: aws iam get-outbound-web-identity-federation-info.
        token_issuer = string
        # What the whole workspace may cost a month, in US dollars of list price, and who is told at 80 and 100 %.
        budget = object({
          monthly_usd = number
          emails      = list(string)
        })
        # Tier of the workspace.
        pricing_tier = string
        # PrivateLink services of the region, and whether the UI stays reachable from the internet. Null: no PrivateLink.
        private_link = optional(object({
          workspace_service = string
          relay_service     = string
          public_access     = optional(bool, true)
        }))
      })
    })
  })

  validation {
    condition     = contains(["federated", "secret"], var.stacks.platform_development.databricks.databricks_auth)
    error_message = "databricks_auth must be federated or secret."
  }

  validation {
    condition     = alltrue([for name, id in var.stacks.platform_development.databricks.principal_ids : contains(["pipeline", "bundle", "drift"], name) && can(regex("^[0-9]+$", id))])
    error_message = "principal_ids must be numeric ids of pipeline, bundle and drift."
  }

  validation {
    condition     = can(regex("^https://[0-9a-f-]{36}\\.tokens\\.sts\\.global\\.api\\.aws$", var.stacks.platform_development.databricks.token_issuer))
    error_message = "token_issuer must look like https://<uuid>.tokens.sts.global.api.aws."
  }
}
