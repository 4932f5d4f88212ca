output "webserver_url" {
  description = "Address of the Airflow UI."
  value       = module.mwaa.webserver_url
}

output "bucket" {
  description = "Bucket that the delivery pipeline uploads to."
  value       = module.mwaa.bucket
}

output "secrets_by_hand" {
  description = "Secrets whose values people have to put."
  value       = module.mwaa.secrets_by_hand
}

output "erasure_policy_json" {
  description = "The policy of the role that erases, as rendered."
  value       = module.mwaa.erasure_policy_json
}

output "policy_json" {
  description = "The execution role's policy as rendered."
  value       = module.mwaa.policy_json
}

output "warehouse" {
  description = "What the value of the connection warehouse_default names (host, port, database), and the secret of who makes its user; null where there is no warehouse."
  value = one([for warehouse in module.warehouse : {
    host              = warehouse.host
    port              = warehouse.port
    database          = warehouse.database
    master_secret_arn = warehouse.master_secret_arn
  }])
}
