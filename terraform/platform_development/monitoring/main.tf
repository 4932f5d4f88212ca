locals {
  team  = "platform_development"
  given = var.stacks.platform_development.monitoring
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

locals {
  security = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  network  = jsondecode(data.aws_ssm_parameter.network.insecure_value)
  lake     = jsondecode(data.aws_ssm_parameter.lake.insecure_value)

  published = {
    alert_topic_arn  = module.monitoring.topic_arns["alerts"]
    notice_topic_arn = module.monitoring.topic_arns["notices"]
    # GitHub's variable NOTIFICATION_TOPIC_ARN.
    workflow_topic_arn = module.monitoring.topic_arns["workflows"]
  }
}

module "monitoring" {
  source = "../../modules/monitoring"

  name               = local.name
  account_id         = var.account_id
  region             = var.region
  environment        = var.environment
  mwaa_name          = local.name
  kms_key_arn        = local.security.kms_key_arn
  bronze_bucket      = local.lake.bronze_bucket
  personal_bucket    = local.lake.personal_bucket
  documents_bucket   = local.lake.documents_bucket
  drop_queue         = local.lake.drop_queue
  nat_gateway_ids    = local.network.nat_gateway_ids
  flow_log_group     = local.network.flow_log_group
  emails             = local.given.emails
  workflow_emails    = local.given.workflow_emails
  log_retention_days = local.given.log_retention_days
  silent_days        = local.given.silent_days
  monthly_budget_usd = local.given.monthly_budget_usd
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/monitoring"
  description    = "What the stack monitoring publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
