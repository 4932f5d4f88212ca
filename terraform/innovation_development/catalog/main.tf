locals {
  team  = "innovation_development"
  given = var.stacks.innovation_development.catalog
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

data "aws_ssm_parameter" "landing" {
  name = "${local.parameters}/platform_development/lake"
}

data "aws_ssm_parameter" "databricks" {
  name = "${local.parameters}/platform_development/databricks"
}

data "aws_ssm_parameter" "lake" {
  name = "${local.parameters}/innovation_development/lake"
}

locals {
  security   = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  landing    = jsondecode(data.aws_ssm_parameter.landing.insecure_value)
  databricks = jsondecode(data.aws_ssm_parameter.databricks.insecure_value)
  lake       = jsondecode(data.aws_ssm_parameter.lake.insecure_value)

  published = {
    catalog = module.catalog.catalog
    schemas = keys(module.catalog.schemas)
  }
}

provider "databricks" {
  host = "https://${local.databricks.host}"
}

module "catalog" {
  source = "../../modules/unity-catalog"

  name                     = local.name
  account_id               = var.account_id
  region                   = var.region
  catalog                  = var.environment
  workspace_id             = local.databricks.workspace_id
  pipeline_principal       = local.databricks.application_ids.pipeline
  drift_principal          = local.databricks.application_ids.drift
  model_makers             = { gold = local.databricks.application_ids.bundle }
  group_privileges         = local.given.group_privileges
  places                   = local.given.places
  file_readers             = { bronze = local.given.bronze_readers }
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.innovation_boundary_arn
  deletion_protection      = var.deletion_protection

  zones = {
    bronze   = { read_only = true, folders = local.landing.bronze_folders, comment = "Raw answers of the sources: read only" }
    personal = { read_only = true, folders = local.landing.bronze_folders, comment = "Raw answers about people: read only" }
    silver   = { comment = "Managed tables of silver" }
    gold     = { comment = "Managed tables of gold" }
  }
  lake = {
    bronze   = { bucket = local.landing.bronze_bucket, kms_key_arn = local.landing.kms_key_arn }
    personal = { bucket = local.landing.personal_bucket, kms_key_arn = local.landing.kms_key_arn }
    silver   = { bucket = local.lake.silver_bucket, kms_key_arn = local.lake.kms_key_arn }
    gold     = { bucket = local.lake.gold_bucket, kms_key_arn = local.lake.kms_key_arn }
  }
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/catalog"
  description    = "What the stack catalog publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
