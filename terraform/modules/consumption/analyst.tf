# Who asks the zone by Athena: runs queries in the workgroup, whose limit cannot be gone round, and reads and writes nothing else.
locals {
  via_s3 = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }

  analyst = [
    {
      Sid    = "Queries"
      Effect = "Allow"
      Action = [
        "athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution",
        "athena:BatchGetQueryExecution", "athena:ListQueryExecutions", "athena:GetQueryResults", "athena:GetQueryResultsStream",
      ]
      Resource = ["arn:aws:athena:${var.region}:${var.account_id}:workgroup/${var.name}-analysts"]
    },
    {
      Sid      = "Catalog"
      Effect   = "Allow"
      Action   = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"]
      Resource = ["${local.glue}:catalog", "${local.glue}:database/${local.database}", "${local.glue}:table/${local.database}/*"]
    },
    {
      Sid      = "Gold"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::${var.zone.bucket}/*"]
    },
    {
      Sid      = "Results"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = ["arn:aws:s3:::${var.name}-athena/results/*"]
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

  analyst_json = jsonencode({ Version = "2012-10-17", Statement = local.analyst })
}

resource "aws_iam_role" "analyst" {
  count                = length(var.analysts) > 0 ? 1 : 0
  name                 = "${var.name}-analyst"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
      Action    = "sts:AssumeRole"
      Condition = { ArnLike = { "aws:PrincipalArn" = sort(var.analysts) } }
    }]
  })
}

resource "aws_iam_role_policy" "analyst" {
  count  = length(var.analysts) > 0 ? 1 : 0
  name   = "query-${var.zone.name}"
  role   = aws_iam_role.analyst[0].id
  policy = local.analyst_json
}
