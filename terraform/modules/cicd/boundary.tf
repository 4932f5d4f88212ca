locals {
  boundary_arn = "${local.iam}:policy${local.platform_path}${local.name}-innovation-boundary"

  # The most that any role of the innovation team can ever do: data of its lake, bronze read only, its catalog in Glue.
  boundary = [
    {
      Sid      = "OwnObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = [for b in local.innovation_buckets : "${b}/*"]
    },
    {
      Sid      = "BronzeObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["arn:aws:s3:::${local.name}-bronze/*"]
    },
    {
      Sid      = "Lists"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
      Resource = concat(local.innovation_buckets, ["arn:aws:s3:::${local.name}-bronze"])
    },
    {
      Sid       = "Keys"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
      Resource  = ["arn:aws:kms:${local.in_region}:key/*"]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "AssumeThemselves"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["${local.iam}:role${local.innovation_path}*"]
    },
    {
      Sid    = "Glue"
      Effect = "Allow"
      Action = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartitions", "glue:BatchGetPartition"]
      Resource = [
        "arn:aws:glue:${local.in_region}:catalog", "arn:aws:glue:${local.in_region}:database/${replace(local.name, "-", "_")}_gold",
        "arn:aws:glue:${local.in_region}:table/${replace(local.name, "-", "_")}_gold/*",
      ]
    },
    {
      Sid      = "GlueSecurity"
      Effect   = "Allow"
      Action   = ["glue:GetSecurityConfiguration"]
      Resource = ["*"]
    },
    {
      Sid      = "CrawlerLogs"
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey"]
      Resource = ["arn:aws:logs:${local.in_region}:log-group:/aws-glue/crawlers*"]
    },
  ]

  boundary_json = jsonencode({ Version = "2012-10-17", Statement = local.boundary })
}

resource "aws_iam_policy" "boundary" {
  name        = "${local.name}-innovation-boundary"
  path        = local.platform_path
  description = "Around every role that the innovation team makes"
  policy      = local.boundary_json
}
