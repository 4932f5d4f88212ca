# The tags of a budget policy are those that system.billing.usage shows of serverless compute, which has no machine to tag.
resource "databricks_budget_policy" "this" {
  provider              = databricks.account
  policy_name           = var.name
  binding_workspace_ids = [var.workspace_id]
  custom_tags           = [for key, value in var.tags : { key = key, value = value }]
}

# Who may choose the policy: who deploys, who runs, and people for notebooks and copies of their own. Authoritative.
resource "databricks_access_control_rule_set" "policy" {
  provider = databricks.account
  name     = "accounts/${var.databricks_account_id}/budgetPolicies/${databricks_budget_policy.this.policy_id}/ruleSets/default"

  grant_rules {
    role       = "roles/budgetPolicy.user"
    principals = concat([for name in ["bundle", "pipeline"] : "servicePrincipals/${var.application_ids[name]}"], [for group in var.policy_groups : "groups/${group}"])
  }
}
