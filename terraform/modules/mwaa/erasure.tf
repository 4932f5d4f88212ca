# The one role that can erase what is about people. A task takes it by the connection aws_erasure, for an hour at most,
# after somebody has approved what is erased (docs/erasure.md).
locals {
  erasures    = var.personal_bucket == null ? 0 : 1
  erasure_arn = "arn:aws:iam::${var.account_id}:role${var.iam_path}${var.name}-erasure"

  erasure_json = jsonencode({
    Version = "2012-10-17"
    Statement = flatten([for bucket in compact([var.personal_bucket]) : [
      {
        # A new revision without the person's rows is created as every other; versions are erased, one by one.
        Sid      = "Erase"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObjectVersion"]
        Resource = [for prefix in var.bronze.prefixes : "arn:aws:s3:::${bucket}/${prefix}*"]
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketLocation"]
        Resource = ["arn:aws:s3:::${bucket}"]
      },
      {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = [var.bronze.kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com"] } }
      },
    ]])
  })
}

resource "aws_iam_role" "erasure" {
  count                = local.erasures
  name                 = "${var.name}-erasure"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = aws_iam_role.execution.arn }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "erasure" {
  count  = local.erasures
  name   = "erase"
  role   = aws_iam_role.erasure[0].id
  policy = local.erasure_json
}
