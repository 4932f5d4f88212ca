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

  # A file a query: include/sql/consumption/<asset class>/<name>.sql.
  sql     = "${path.root}/../../../include/sql/consumption"
  queries = { for file in fileset(local.sql, "*/*.sql") : replace(trimsuffix(file, ".sql"), "/", "_") => file("${local.sql}/${file}") }

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
  analysts                 = local.given.analysts
  scan_limit_gb            = local.given.scan_limit_gb
  airflow_role_arn         = local.given.pipeline ? "arn:aws:iam::${var.account_id}:role/platform_development/${local.name}-mwaa" : null
  pipeline_scan_limit_gb   = local.given.pipeline_scan_limit_gb
  queries                  = local.given.pipeline ? local.queries : {}
  result_days              = local.given.result_days
  topic_arn                = local.monitoring.notice_topic_arn
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
