locals {
  team  = "innovation_development"
  given = var.stacks.innovation_development.consumption
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

data "aws_ssm_parameter" "monitoring" {
  name = "${local.parameters}/platform_development/monitoring"
}

data "aws_ssm_parameter" "lake" {
  name = "${local.parameters}/innovation_development/lake"
}

locals {
  security   = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  monitoring = jsondecode(data.aws_ssm_parameter.monitoring.insecure_value)
  lake       = jsondecode(data.aws_ssm_parameter.lake.insecure_value)

  published = {
    database  = module.consumption.database
    workgroup = module.consumption.workgroup
  }
}

module "consumption" {
  source = "../../modules/consumption"

  name                     = local.name
  account_id               = var.account_id
  region                   = var.region
  zone                     = { bucket = local.lake.gold_bucket, kms_key_arn = local.lake.kms_key_arn }
  table_paths              = local.given.table_paths
  analysts                 = local.given.analysts
  scan_limit_gb            = local.given.scan_limit_gb
  result_days              = local.given.result_days
  topic_arn                = local.monitoring.notice_topic_arn
  log_retention_days       = local.given.log_retention_days
  access_log_bucket        = local.lake.access_log_bucket
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.innovation_boundary_arn
  deletion_protection      = var.deletion_protection
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/consumption"
  description    = "What the stack consumption publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
