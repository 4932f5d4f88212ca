# People drop files below input/ of a bucket of its own, and find what came of them below output/. The listing is the truth:
# the queue only rings.
locals {
  bucket     = "${var.name}-drop"
  bucket_arn = "arn:aws:s3:::${local.bucket}"

  # An answer, and which file had rows first, is created and never replaced (plugins/anthill/drops/zone.py).
  written_once = jsonencode({
    Sid       = "CreateOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["s3:PutObject"]
    Resource  = ["${local.bucket_arn}/output/*/answer.json", "${local.bucket_arn}/claims/*"]
    Condition = {
      Null = { "s3:if-none-match" = "true" }
      Bool = { "s3:ObjectCreationOperation" = "true" }
    }
  })
}

module "bucket" {
  source = "../bucket"

  name              = local.bucket
  data_class        = "dropped"
  kms_key_arn       = var.kms_key_arn
  access_log_bucket = var.access_log_bucket
  # Answers outlive their files: a file whose answer was gone would be taken again.
  lifecycle_days         = { noncurrent = var.noncurrent_days }
  expire_under           = { "input/" = var.input_days }
  policy_statements_json = [local.written_once]
  deletion_protection    = var.deletion_protection
}

resource "aws_s3_bucket_notification" "this" {
  bucket      = module.bucket.name
  eventbridge = true
}
