# Who did what in the workspace, delivered as files that outlast it: the system tables keep a year, and belong to Databricks.
locals {
  audit_name = "${var.name}-databricks-audit"
  audit_role = "arn:aws:iam::${var.account_id}:role${var.iam_path}${local.audit_name}"
}

data "databricks_aws_assume_role_policy" "audit" {
  external_id      = var.databricks_account_id
  for_log_delivery = true
}

resource "aws_iam_role" "audit" {
  name                 = local.audit_name
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = data.databricks_aws_assume_role_policy.audit.json
}

resource "aws_iam_role_policy" "audit" {
  name = "deliver-audit-logs"
  role = aws_iam_role.audit.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Objects"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
        Resource = ["arn:aws:s3:::${local.audit_name}/*"]
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = ["arn:aws:s3:::${local.audit_name}"]
      },
      {
        Sid      = "Key"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource = [aws_kms_key.this.arn]
      },
    ]
  })
}

# What is delivered twice is written over: Databricks replaces files, the versions that were stay.
module "audit" {
  source = "../bucket"

  name                = local.audit_name
  data_class          = "operational"
  kms_key_arn         = aws_kms_key.this.arn
  access_log_bucket   = var.access_log_bucket
  lifecycle_days      = { colder = 30, expire = var.audit_days, noncurrent = 30 }
  deletion_protection = var.deletion_protection
}

resource "time_sleep" "audit" {
  create_duration = "20s"
  triggers        = { policy = aws_iam_role_policy.audit.policy }
}

resource "databricks_mws_credentials" "audit" {
  credentials_name = "${var.name}-audit"
  role_arn         = aws_iam_role.audit.arn

  depends_on = [time_sleep.audit]
}

resource "databricks_mws_storage_configurations" "audit" {
  account_id                 = var.databricks_account_id
  storage_configuration_name = "${var.name}-audit"
  bucket_name                = module.audit.name
}

# Of this workspace alone: an account takes two deliveries of all its workspaces, and two for each of them.
resource "databricks_mws_log_delivery" "audit" {
  account_id               = var.databricks_account_id
  config_name              = "${var.name}-audit"
  log_type                 = "AUDIT_LOGS"
  output_format            = "JSON"
  delivery_path_prefix     = "audit"
  credentials_id           = databricks_mws_credentials.audit.credentials_id
  storage_configuration_id = databricks_mws_storage_configurations.audit.storage_configuration_id
  workspace_ids_filter     = [databricks_mws_workspaces.this.workspace_id]
}
