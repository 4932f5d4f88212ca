# Two roles: what starts a task, and what the recorder itself may. It puts segments and holds its lease, and nothing else.
locals {
  rights = {
    start = [
      {
        # This one names no resource.
        Sid      = "Registry"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid      = "Image"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = ["arn:aws:ecr:${local.in_region}:repository/${local.cluster}"]
      },
      {
        Sid      = "Logs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["arn:aws:logs:${local.in_region}:log-group:/${var.name}/recorder:*"]
      },
      {
        Sid      = "Secret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [var.connection_arn]
      },
      {
        Sid       = "SecretKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
      },
    ]
    record = [
      {
        Sid      = "Segments"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["arn:aws:s3:::${var.bronze.bucket}/polygon_stream/*"]
      },
      {
        Sid      = "Lease"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["arn:aws:s3:::${var.documents_bucket}/polygon_stream/*/_lease.json"]
      },
      {
        # Who may not list is told "denied" of what is not there.
        Sid      = "Lists"
        Effect   = "Allow"
        Action   = ["s3:ListBucket"]
        Resource = ["arn:aws:s3:::${var.bronze.bucket}", "arn:aws:s3:::${var.documents_bucket}"]
      },
      {
        Sid       = "Key"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = [var.bronze.kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  }
  policy_json = { for part, statements in local.rights : part => jsonencode({ Version = "2012-10-17", Statement = statements }) }
}

resource "aws_iam_role" "this" {
  for_each             = local.rights
  name                 = "${local.cluster}-${each.key}"
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      # Tasks of this account alone: a service of AWS's is no deputy for others.
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:${local.in_region}:*" }
      }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  for_each = local.policy_json
  name     = each.key
  role     = aws_iam_role.this[each.key].id
  policy   = each.value
}
