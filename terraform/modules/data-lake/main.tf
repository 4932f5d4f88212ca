locals {
  access_log_bucket = "${var.name}-${var.access_log_name}"

  # What a PUT must carry, by the way a zone is written. Parts of a multipart upload carry no such header.
  carried = {
    # A revision is created by one conditional PUT (docs/decisions).
    once = { Sid = "CreateOnly", Null = { "s3:if-none-match" = "true" } }
    # A document is created, or replaced by who has read it: a PUT without both headers is denied.
    read = { Sid = "CreateOrReplaceRead", Null = { "s3:if-none-match" = "true", "s3:if-match" = "true" } }
  }

  conditional = {
    for zone, given in var.zones : zone => [
      jsonencode({
        Sid       = local.carried[given.written].Sid
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:PutObject"]
        Resource  = ["arn:aws:s3:::${var.name}-${zone}/*"]
        Condition = {
          Null = local.carried[given.written].Null
          Bool = { "s3:ObjectCreationOperation" = "true" }
        }
      }),
      jsonencode(merge(
        {
          Sid       = "NoDelete"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
          Resource  = ["arn:aws:s3:::${var.name}-${zone}/*"]
        },
        # What is about people can be erased, by one role and by no other.
        { for arn in given.erased_by == null ? [] : [given.erased_by] : "Condition" => { ArnNotEquals = { "aws:PrincipalArn" = arn } } },
      )),
    ] if given.written != "freely"
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
  policy_statements_json = lookup(local.conditional, each.key, [])
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
