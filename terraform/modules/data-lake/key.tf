resource "aws_kms_key" "lake" {
  description             = "${var.name} lake (${join(", ", keys(var.zones))})"
  enable_key_rotation     = true
  deletion_window_in_days = var.key_deletion_days

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
        # The account's roles use it where their own policies allow it, through S3 and nowhere else.
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

resource "aws_kms_alias" "lake" {
  name          = "alias/${var.name}-${join("-", sort(keys(var.zones)))}"
  target_key_id = aws_kms_key.lake.key_id
}

# As in modules/bucket: protection cannot be a variable of prevent_destroy.
resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [aws_kms_key.lake.arn]

  lifecycle {
    prevent_destroy = true
  }
}
