locals {
  trail_arn  = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${var.name}"
  bucket     = "${var.name}-trail"
  group      = "/aws/cloudtrail/${var.name}"
  group_arn  = "arn:aws:logs:${var.region}:${var.account_id}:log-group:${local.group}"
  teams      = [for path in var.team_paths : "arn:aws:iam::${var.account_id}:role${path}*"]
  of_service = { StringEquals = { "aws:SourceArn" = local.trail_arn } }

  bucket_statements = [
    {
      Sid       = "TrailLooks"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:GetBucketAcl"]
      Resource  = "arn:aws:s3:::${local.bucket}"
      Condition = local.of_service
    },
    {
      Sid       = "TrailWrites"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = "arn:aws:s3:::${local.bucket}/AWSLogs/${var.account_id}/*"
      Condition = local.of_service
    },
    {
      # Whatever a team's role is allowed elsewhere: what was recorded of it stays.
      Sid       = "TeamsChangeNothing"
      Effect    = "Deny"
      Principal = { AWS = "*" }
      Action = [
        "s3:BypassGovernanceRetention", "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObject*", "s3:PutBucketObjectLockConfiguration",
        "s3:PutBucketPolicy", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutObject*",
      ]
      Resource  = ["arn:aws:s3:::${local.bucket}", "arn:aws:s3:::${local.bucket}/*"]
      Condition = { ArnLike = { "aws:PrincipalArn" = local.teams } }
    },
  ]
}

resource "aws_cloudtrail" "this" {
  # checkov:skip=CKV_AWS_252: alarms tell people; a message a delivered file would tell nobody anything
  name                          = var.name
  s3_bucket_name                = module.bucket.name
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = aws_kms_key.this.arn
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.this.arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.delivery.arn

  # Every call that manages something: reads of secrets and decryption by a key are among them.
  advanced_event_selector {
    name = "management"
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  # Every object that is read, written or deleted in these buckets.
  advanced_event_selector {
    name = "objects"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = [for bucket in var.watched_buckets : "arn:aws:s3:::${bucket}/"]
    }
  }

  depends_on = [aws_iam_role_policy.delivery]
}

module "bucket" {
  source = "../bucket"

  name                   = local.bucket
  data_class             = "operational"
  kms_key_arn            = aws_kms_key.this.arn
  access_log_bucket      = var.access_log_bucket
  object_lock_days       = var.kept_days
  lifecycle_days         = { expire = var.kept_days + 1, noncurrent = 1 }
  policy_statements_json = [for statement in local.bucket_statements : jsonencode(statement)]
  deletion_protection    = var.deletion_protection
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.group
  retention_in_days = 365
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_iam_role" "delivery" {
  name = "${var.name}-trail"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = local.of_service
    }]
  })
}

resource "aws_iam_role_policy" "delivery" {
  name = "logs"
  role = aws_iam_role.delivery.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Deliver"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${local.group_arn}:log-stream:${var.account_id}_CloudTrail_*"]
    }]
  })
}

# Who outside the account can reach a bucket, key, role or secret. By CloudFormation: the schemas that the checks run with have
# no analyser.
resource "aws_cloudformation_stack" "analyser" {
  # checkov:skip=CKV_AWS_124: no events of the stack are waited for; it has one resource
  name = "${var.name}-access-analyser"

  template_body = jsonencode({
    Resources = {
      Analyser = { Type = "AWS::AccessAnalyzer::Analyzer", Properties = { AnalyzerName = var.name, Type = "ACCOUNT" } }
    }
  })
}
