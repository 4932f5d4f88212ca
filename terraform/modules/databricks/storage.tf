data "databricks_aws_bucket_policy" "root" {
  bucket = "${var.name}-workspace"
  # By this argument the policy names our account; `databricks_account_id` is taken and ignored.
  databricks_e2_account_id = var.databricks_account_id
}

# The workspace's own files (results, logs, libraries): no data of the lake lies here.
module "root" {
  source = "../bucket"

  name                   = "${var.name}-workspace"
  data_class             = "operational"
  kms_key_arn            = aws_kms_key.this.arn
  access_log_bucket      = var.access_log_bucket
  lifecycle_days         = { noncurrent = 30 }
  deletion_protection    = var.deletion_protection
  policy_statements_json = [for s in jsondecode(data.databricks_aws_bucket_policy.root.json).Statement : jsonencode(s)]
}

locals {
  databricks_principal = "arn:aws:iam::414351767826:root"
  # Below ENTERPRISE Databricks takes no key for notebooks and volumes; the root bucket has it all the same.
  key_uses = var.pricing_tier == "ENTERPRISE" ? ["MANAGED_SERVICES", "STORAGE"] : []
}

resource "aws_kms_key" "this" {
  description             = "${var.name} Databricks workspace: notebooks, results, root bucket, cluster volumes"
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
        Sid       = "DatabricksControlPlane"
        Effect    = "Allow"
        Principal = { AWS = local.databricks_principal }
        Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:PrincipalTag/DatabricksAccountId" = [var.databricks_account_id] } }
      },
      {
        Sid       = "DatabricksGrants"
        Effect    = "Allow"
        Principal = { AWS = local.databricks_principal }
        Action    = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
        Resource  = "*"
        Condition = {
          Bool         = { "kms:GrantIsForAWSResource" = "true" }
          StringEquals = { "aws:PrincipalTag/DatabricksAccountId" = [var.databricks_account_id] }
        }
      },
      {
        Sid       = "ClusterVolumes"
        Effect    = "Allow"
        Principal = { AWS = aws_iam_role.cross_account.arn }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
        Resource  = "*"
        Condition = { "ForAnyValue:StringLike" = { "kms:ViaService" = ["ec2.*.amazonaws.com"] } }
      },
      {
        # By a condition and not as the principal: that must exist, and the role's own policy names this key.
        Sid       = "AuditLogs"
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { ArnEquals = { "aws:PrincipalArn" = local.audit_role } }
      },
    ]
  })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}-databricks"
  target_key_id = aws_kms_key.this.key_id
}

resource "databricks_mws_customer_managed_keys" "this" {
  for_each   = toset(local.key_uses)
  account_id = var.databricks_account_id
  use_cases  = [each.key]

  aws_key_info {
    key_arn   = aws_kms_key.this.arn
    key_alias = aws_kms_alias.this.name
  }
}
