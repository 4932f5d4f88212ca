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
}
