locals {
  team  = "platform_development"
  given = var.stacks.platform_development.recorder
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

data "aws_ssm_parameter" "network" {
  name = "${local.parameters}/platform_development/network"
}

data "aws_ssm_parameter" "lake" {
  name = "${local.parameters}/platform_development/lake"
}

data "aws_ssm_parameter" "monitoring" {
  name = "${local.parameters}/platform_development/monitoring"
}

data "aws_ssm_parameter" "mwaa" {
  name = "${local.parameters}/platform_development/mwaa"
}

locals {
  security   = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  network    = jsondecode(data.aws_ssm_parameter.network.insecure_value)
  lake       = jsondecode(data.aws_ssm_parameter.lake.insecure_value)
  monitoring = jsondecode(data.aws_ssm_parameter.monitoring.insecure_value)
  mwaa       = jsondecode(data.aws_ssm_parameter.mwaa.insecure_value)

  published = {
    cluster = module.recorder.cluster
  }
}

module "recorder" {
  source = "../../modules/recorder"

  name       = local.name
  account_id = var.account_id
  region     = var.region
  classes    = local.given.classes
  vpc_id     = local.network.vpc_id
  subnet_ids = local.network.private_subnet_ids
  bronze = {
    bucket      = local.lake.bronze_bucket
    kms_key_arn = local.lake.kms_key_arn
  }
  documents_bucket = local.lake.documents_bucket
  kms_key_arn      = local.security.kms_key_arn
  # The key that landing asks the source with.
  connection_arn = local.mwaa.polygon_connection_arn
  topic_arns = {
    alerts  = local.monitoring.alert_topic_arn
    notices = local.monitoring.notice_topic_arn
  }
  log_retention_days       = local.given.log_retention_days
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.platform_boundary_arn
  deletion_protection      = var.deletion_protection
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/recorder"
  description    = "What the stack recorder publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
