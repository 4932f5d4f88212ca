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
