variable "databricks_account_id" {
  description = "Databricks account id, a UUID from the account console."
  type        = string
}

variable "metastore_id" {
  description = "Unity Catalog metastore of the region; null where this environment is the one that makes it."
  type        = string
  default     = null
}

variable "admin_group_id" {
  description = "Id of the account group whose members administer the workspace."
  type        = number
}

variable "user_group_ids" {
  description = "Ids of the account groups whose members may enter the workspace, by name."
  type        = map(number)
}

variable "pricing_tier" {
  description = "Tier of the workspace."
  type        = string
}

variable "private_link" {
  description = "PrivateLink services of the region, and whether the UI stays reachable from the internet. Null: no PrivateLink."
  type = object({
    workspace_service = string
    relay_service     = string
    public_access     = optional(bool, true)
  })
  default = null
}
