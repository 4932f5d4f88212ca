# Who keeps gold readable past the catalog: Airflow takes this role by the connection aws_consumption, and with it enters tables
# in Glue and runs kept queries, in a workgroup of their own, whose limit it cannot change.
locals {
  pipelines = var.airflow_role_arn == null ? 0 : 1
  kept      = "arn:aws:s3:::${var.zone.bucket}/consumption/*"
  versions  = "arn:aws:s3:::${var.zone.bucket}/warehouse/*"

  pipeline_json = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Queries"
        Effect   = "Allow"
        Action   = ["athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution", "athena:GetQueryResults"]
        Resource = ["arn:aws:athena:${var.region}:${var.account_id}:workgroup/${var.name}-pipeline"]
      },
      {
        Sid    = "Register"
        Effect = "Allow"
        Action = [
          "glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions",
          "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable",
        ]
        Resource = ["${local.glue}:catalog", "${local.glue}:database/${local.database}", "${local.glue}:table/${local.database}/*"]
      },
      {
        Sid      = "Gold"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["arn:aws:s3:::${var.zone.bucket}/*"]
      },
      {
        # A load of a market day replaces what was there: Athena writes into empty folders only.
        Sid      = "Kept"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = [local.kept]
      },
      {
        # Versions of stars on their way into a warehouse: written once, never taken away.
        Sid      = "Versions"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = [local.versions]
      },
      {
        Sid      = "Results"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = ["arn:aws:s3:::${var.name}-athena/pipeline/*"]
      },
      {
        Sid      = "Lists"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
        Resource = ["arn:aws:s3:::${var.zone.bucket}", "arn:aws:s3:::${var.name}-athena"]
      },
      {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = [var.zone.kms_key_arn]
        Condition = local.via_s3
      },
    ]
  })
}

resource "aws_athena_workgroup" "pipeline" {
  count         = local.pipelines
  name          = "${var.name}-pipeline"
  description   = "Kept queries over ${var.zone.name}; one may scan ${var.pipeline_scan_limit_gb} GB"
  force_destroy = !var.deletion_protection

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = var.pipeline_scan_limit_gb * 1024 * 1024 * 1024

    result_configuration {
      output_location       = "s3://${module.results.name}/pipeline/"
      expected_bucket_owner = var.account_id

      encryption_configuration {
        encryption_option = "SSE_KMS"
        kms_key_arn       = var.zone.kms_key_arn
      }
    }
  }
}

# For people, who are asked for the day: in the pipeline's files it is a word.
resource "aws_athena_named_query" "kept" {
  for_each    = var.queries
  name        = each.key
  description = "Kept each market day under consumption/${each.key}/"
  workgroup   = aws_athena_workgroup.this.id
  database    = aws_glue_catalog_database.gold.name
  query       = replace(each.value, "{market_date}", "?")
}

resource "aws_iam_role" "pipeline" {
  count                = local.pipelines
  name                 = "${var.name}-consumption"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  # The role of Airflow is made after this one, so it is named by a condition: a principal has to be there.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnEquals = { "aws:PrincipalArn" = var.airflow_role_arn } }
    }]
  })
}

resource "aws_iam_role_policy" "pipeline" {
  count  = local.pipelines
  name   = "keep-${var.zone.name}"
  role   = aws_iam_role.pipeline[0].id
  policy = local.pipeline_json
}
