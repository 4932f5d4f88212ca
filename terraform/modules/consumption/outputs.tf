output "database" {
  description = "Glue database of the zone's tables."
  value       = aws_glue_catalog_database.gold.name
}

output "workgroup" {
  description = "Athena workgroup with the scan limit."
  value       = aws_athena_workgroup.this.name
}

output "result_bucket" {
  description = "Bucket of the query results."
  value       = module.results.name
}

output "pipeline_json" {
  description = "The policy of the pipeline's role as rendered."
  value       = local.pipeline_json
}

output "analyst_json" {
  description = "The analyst's policy as rendered."
  value       = local.analyst_json
}
