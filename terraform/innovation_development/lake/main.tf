locals {
  team  = "innovation_development"
  given = var.stacks.innovation_development.lake
}

module "lake" {
  source = "../../modules/data-lake"

  name                = local.name
  account_id          = var.account_id
  region              = var.region
  access_log_name     = "innovation-logs"
  access_log_days     = local.given.access_log_days
  deletion_protection = var.deletion_protection

  zones = {
    silver = { data_class = "licensed", lifecycle_days = { noncurrent = local.given.noncurrent_days } }
    gold   = { data_class = "derived", lifecycle_days = { noncurrent = local.given.noncurrent_days } }
  }
}

locals {
  published = {
    silver_bucket     = module.lake.buckets["silver"]
    gold_bucket       = module.lake.buckets["gold"]
    access_log_bucket = module.lake.access_log_bucket
    kms_key_arn       = module.lake.kms_key_arn
  }
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/lake"
  description    = "What the stack lake publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
