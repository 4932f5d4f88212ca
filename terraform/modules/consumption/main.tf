locals {
  database = replace("${var.name}_${var.zone.name}", "-", "_")
  glue     = "arn:aws:glue:${var.region}:${var.account_id}"
}

module "results" {
  source = "../bucket"

  name                = "${var.name}-athena"
  data_class          = "derived"
  kms_key_arn         = var.zone.kms_key_arn
  access_log_bucket   = var.access_log_bucket
  lifecycle_days      = { expire = var.result_days, noncurrent = 1 }
  deletion_protection = var.deletion_protection
}

resource "aws_glue_catalog_database" "gold" {
  name        = local.database
  description = "${title(var.zone.name)} Delta tables, for readers without Databricks"
}

resource "aws_athena_workgroup" "this" {
  name          = "${var.name}-analysts"
  description   = "Reads ${var.zone.name}; a query may scan ${var.scan_limit_gb} GB"
  force_destroy = !var.deletion_protection

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.scan_limit_gb * 1024 * 1024 * 1024

    result_configuration {
      output_location       = "s3://${module.results.name}/results/"
      expected_bucket_owner = var.account_id

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.zone.kms_key_arn
      }
    }
  }
}
