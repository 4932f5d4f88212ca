# Who reaches the bucket for Unity Catalog: as in modules/unity-catalog, for one bucket and one project.
locals {
  # Built from names: the credential needs the role's ARN, and the role's trust needs the credential's external id.
  role_arn = "arn:aws:iam::${var.account_id}:role${local.iam_path}${local.own}"

  policy_json = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Objects"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
        Resource = ["arn:aws:s3:::${local.own}/*"]
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
        Resource = ["arn:aws:s3:::${local.own}"]
      },
      {
        Sid      = "Keys"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
        Resource = [local.lake.kms_key_arn]
        # The lake's key, and of it what concerns this bucket alone.
        Condition = { StringLike = { "kms:EncryptionContext:aws:s3:arn" = ["arn:aws:s3:::${local.own}", "arn:aws:s3:::${local.own}/*"] } }
      },
      {
        Sid      = "AssumeItself"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [local.role_arn]
      },
    ]
  })
}

resource "databricks_storage_credential" "this" {
  name           = local.own
  comment        = "The project ${var.project}, until ${var.ends}"
  isolation_mode = "ISOLATION_MODE_ISOLATED"
  force_destroy  = true

  aws_iam_role {
    role_arn = local.role_arn
  }
}

data "databricks_aws_unity_catalog_assume_role_policy" "this" {
  aws_account_id = var.account_id
  role_name      = trimprefix("${local.iam_path}${local.own}", "/")
  external_id    = databricks_storage_credential.this.aws_iam_role[0].external_id
}

resource "aws_iam_role" "this" {
  name                 = local.own
  path                 = local.iam_path
  permissions_boundary = local.security.innovation_boundary_arn
  assume_role_policy   = data.databricks_aws_unity_catalog_assume_role_policy.this.json
}

resource "aws_iam_role_policy" "this" {
  name   = "project"
  role   = aws_iam_role.this.id
  policy = local.policy_json
}

# The wait hangs on policy and trust, so that a change of either waits too before the location is checked.
resource "time_sleep" "iam" {
  create_duration = "30s"
  triggers = {
    policy = aws_iam_role_policy.this.policy
    trust  = aws_iam_role.this.assume_role_policy
  }
}
