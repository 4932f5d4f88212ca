# Once per account, by an administrator, before anything else: the bucket that holds every state, and its key.
locals {
  name = "${var.name_prefix}-${var.environment}-terraform-state"
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = {
      project     = "anthill"
      environment = var.environment
      team        = "platform_development"
      cost-centre = var.cost_centre
      data-class  = "operational"
      managed-by  = "terraform"
    }
  }
}

resource "aws_kms_key" "state" {
  description             = "Terraform states of ${var.name_prefix}-${var.environment}"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Administration"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action = [
          "kms:Describe*", "kms:Get*", "kms:List*", "kms:Create*", "kms:Put*", "kms:Update*", "kms:Enable*", "kms:Disable*",
          "kms:Revoke*", "kms:RetireGrant", "kms:Delete*", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
        ]
        Resource = "*"
      },
      {
        Sid       = "ThroughS3"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  })
}

resource "aws_kms_alias" "state" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.state.key_id
}

module "access_logs" {
  source = "../modules/bucket"

  name                = "${local.name}-logs"
  data_class          = "operational"
  lifecycle_days      = { expire = 365, noncurrent = 1 }
  deletion_protection = var.deletion_protection

  policy_statements_json = [jsonencode({
    Sid       = "LogDelivery"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = ["s3:PutObject"]
    Resource  = "arn:aws:s3:::${local.name}-logs/*"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  })]
}

module "states" {
  source = "../modules/bucket"

  name                = local.name
  data_class          = "operational"
  kms_key_arn         = aws_kms_key.state.arn
  access_log_bucket   = module.access_logs.name
  lifecycle_days      = { noncurrent = 365 }
  deletion_protection = var.deletion_protection
}

resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [aws_kms_key.state.arn]

  lifecycle {
    prevent_destroy = true
  }
}
