locals {
  arn = "arn:aws:s3:::${var.name}"

  tls_only = jsonencode({
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["s3:*"]
    Resource  = [local.arn, "${local.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  })
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_144: one region; the raw data can be fetched from Polygon.io again
  # checkov:skip=CKV2_AWS_62: Airflow starts the work; the one bucket whose events ring, modules/drop-zone tells EventBridge of
  # checkov:skip=CKV_AWS_145: encryption is set by aws_s3_bucket_server_side_encryption_configuration.this; S3's own keys only for access logs
  # checkov:skip=CKV_AWS_18: every bucket but the access-log bucket itself logs; a test asserts it
  # checkov:skip=CKV_AWS_21: versioning is enabled below without a condition
  bucket              = var.name
  force_destroy       = !var.deletion_protection
  object_lock_enabled = var.object_lock_days != null
  tags                = { data-class = var.data_class }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count  = var.object_lock_days == null ? 0 : 1
  bucket = aws_s3_bucket.this.id

  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = var.object_lock_days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "age"
    status = "Enabled"

    filter {}

    dynamic "transition" {
      for_each = var.lifecycle_days.colder == null ? [] : [var.lifecycle_days.colder]
      content {
        days          = transition.value
        storage_class = "STANDARD_IA"
      }
    }

    dynamic "expiration" {
      for_each = var.lifecycle_days.expire == null ? [] : [var.lifecycle_days.expire]
      content {
        days = expiration.value
      }
    }

    dynamic "expiration" {
      for_each = var.expires_on == null ? [] : ["${var.expires_on}T00:00:00Z"]
      content {
        date = expiration.value
      }
    }

    noncurrent_version_expiration {
      noncurrent_days = var.lifecycle_days.noncurrent
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.expire_under
    content {
      id     = "age of ${rule.key}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      expiration {
        days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  count         = var.access_log_bucket == null ? 0 : 1
  bucket        = aws_s3_bucket.this.id
  target_bucket = var.access_log_bucket
  target_prefix = "${var.name}/"
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for s in concat([local.tls_only], var.policy_statements_json) : jsondecode(s)]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# prevent_destroy takes no variable, so a guard that exists only under protection carries it. It depends on the bucket:
# destroying, replacing or targeting the bucket must destroy the guard too, and that plan is refused.
resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [aws_s3_bucket.this.id]

  lifecycle {
    prevent_destroy = true
  }
}
