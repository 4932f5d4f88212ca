output "workgroup" {
  description = "Athena workgroup with the scan limit."
  value       = module.consumption.workgroup
}

output "pipeline_json" {
  description = "The policy of the role that Airflow takes by aws_consumption, as rendered."
  value       = module.consumption.pipeline_json
}
