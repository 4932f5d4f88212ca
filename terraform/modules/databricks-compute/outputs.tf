output "warehouse_id" {
  description = "Id of the analysts' SQL warehouse."
  value       = databricks_sql_endpoint.analysts.id
}

output "budget_policy_id" {
  description = "Id of the budget policy that serverless compute names."
  value       = databricks_budget_policy.this.policy_id
}

output "policy_ids" {
  description = "Ids of the cluster policies by name."
  value       = { for name, policy in databricks_cluster_policy.this : name => policy.id }
}
