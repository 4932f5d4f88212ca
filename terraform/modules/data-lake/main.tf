locals {
  access_log_bucket = "${var.name}-${var.access_log_name}"

  # A revision is created by one conditional PUT (docs/decisions); parts of a multipart upload carry no such header.
  write_once = {
    for zone, _ in var.zones : zone => [
      jsonencode({
        Sid       = "CreateOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject"]
        Resource  = ["arn:aws:s3:::${var.name}-${zone}/*"]
        Condition = {
          Null = { "s3:if-none-match" = "true" }
          Bool = { "s3:ObjectCreationOperation" = "true" }
        }
      }),
      jsonencode({
        Sid       = "NoDelete"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
        Resource  = ["arn:aws:s3:::${var.name}-${zone}/*"]
      }),
    ]
  }
}

module "zone" {
  source   = "../bucket"
  for_each = var.zones

  name                   = "${var.name}-${each.key}"
  data_class             = each.value.data_class
  kms_key_arn            = aws_kms_key.lake.arn
  access_log_bucket      = module.access_logs.name
  lifecycle_days         = each.value.lifecycle_days
  object_lock_days       = each.value.object_lock_days
  policy_statements_json = each.value.write_once ? local.write_once[each.key] : []
  deletion_protection    = var.deletion_protection
}

module "access_logs" {
  source = "../bucket"

  name                = local.access_log_bucket
  data_class          = "operational"
  lifecycle_days      = { expire = var.access_log_days, noncurrent = 1 }
  deletion_protection = var.deletion_protection

  policy_statements_json = [jsonencode({
    Sid       = "LogDelivery"
    Effect    = "Allow"
    Principal = { Service = "logging.s3.amazonaws.com" }
    Action    = ["s3:PutObject"]
    Resource  = "arn:aws:s3:::${local.access_log_bucket}/*"
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  })]
}
