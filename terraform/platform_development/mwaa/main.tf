locals {
  team  = "platform_development"
  given = var.stacks.platform_development.mwaa
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

data "aws_ssm_parameter" "databricks" {
  name = "${local.parameters}/platform_development/databricks"
}

locals {
  security   = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  network    = jsondecode(data.aws_ssm_parameter.network.insecure_value)
  lake       = jsondecode(data.aws_ssm_parameter.lake.insecure_value)
  monitoring = jsondecode(data.aws_ssm_parameter.monitoring.insecure_value)
  databricks = jsondecode(data.aws_ssm_parameter.databricks.insecure_value)

  published = {
    name     = module.mwaa.name
    bucket   = module.mwaa.bucket
    role_arn = module.mwaa.role_arn
    # The source's key, for who listens to its stream.
    polygon_connection_arn = module.mwaa.secret_arns["connections/polygon_default"]
  }
}

module "mwaa" {
  source = "../../modules/mwaa"

  name               = local.name
  account_id         = var.account_id
  region             = var.region
  environment_class  = local.given.environment_class
  workers            = local.given.workers
  schedulers         = local.given.schedulers
  webservers         = local.given.webservers
  webserver_access   = local.given.webserver_access
  subnet_ids         = slice(local.network.private_subnet_ids, 0, 2)
  security_group_ids = [local.network.mwaa_security_group_id]
  kms_key_arn        = local.security.kms_key_arn
  access_log_bucket  = local.lake.access_log_bucket
  bronze = {
    bucket      = local.lake.bronze_bucket
    prefixes    = local.lake.bronze_folders
    kms_key_arn = local.lake.kms_key_arn
  }
  personal_bucket  = local.lake.personal_bucket
  documents_bucket = local.lake.documents_bucket
  drop = {
    bucket    = local.lake.drop_bucket
    queue_arn = "arn:aws:sqs:${var.region}:${var.account_id}:${local.lake.drop_queue}"
  }
  # As the stack recorder names it.
  recorder_cluster = "${local.name}-recorder"
  # As the stack consumption names it.
  consumption_role_arn = local.given.consumption ? "arn:aws:iam::${var.account_id}:role/innovation_development/${local.name}-consumption" : null
  # As include/buckets.yaml names them, the innovation team's among them.
  iam_read_buckets = [for zone in local.given.reads_iam ? ["bronze", "personal", "documents", "drop", "silver", "gold"] : [] : "${local.name}-${zone}"]
  databricks = {
    host      = local.databricks.host
    client_id = local.databricks.application_ids.pipeline
    auth      = local.given.databricks_auth
  }
  secrets_prefix = "${var.name_prefix}/${var.environment}"
  connections    = setunion(local.given.connections, local.given.warehouse == null ? [] : ["warehouse_default"])
  airflow_options = merge(
    local.given.airflow_options,
    {
      "anthill.catalog"           = var.environment
      "anthill.bronze_bucket"     = local.lake.bronze_bucket
      "anthill.personal_bucket"   = local.lake.personal_bucket
      "anthill.documents_bucket"  = local.lake.documents_bucket
      "anthill.drop_bucket"       = local.lake.drop_bucket
      "anthill.drop_queue"        = local.lake.drop_queue_url
      "anthill.recorder_cluster"  = "${local.name}-recorder"
      "anthill.metrics_namespace" = "Anthill"
      # What DAGs tell operators by themselves: somebody acts on an alert, and reads a notice.
      "anthill.alert_topic_arn"  = local.monitoring.alert_topic_arn
      "anthill.notice_topic_arn" = local.monitoring.notice_topic_arn
    },
    # MWAA takes no empty value.
    local.given.job_prefix == "" ? {} : { "anthill.job_prefix" = local.given.job_prefix },
    local.given.consumption ? {
      "anthill.athena_workgroup" = "${local.name}-pipeline"
      "anthill.glue_database"    = replace("${local.name}_gold", "-", "_")
      "anthill.gold_bucket"      = "${local.name}-gold"
    } : {},
    local.given.reads_iam ? { "anthill.iam_names" = local.name } : {},
  )
  topic_arns = {
    alert  = local.monitoring.alert_topic_arn
    notice = local.monitoring.notice_topic_arn
  }
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.platform_boundary_arn
  deletion_protection      = var.deletion_protection
}

# Airflow is the one that loads it, and nobody else comes in.
module "warehouse" {
  source = "../../modules/warehouse"
  count  = local.given.warehouse == null ? 0 : 1

  name                     = local.name
  vpc_id                   = local.network.vpc_id
  subnet_ids               = local.network.private_subnet_ids
  loader_security_group_id = local.network.mwaa_security_group_id
  kms_key_arn              = local.security.kms_key_arn
  instance_class           = local.given.warehouse.instance_class
  storage_gb               = local.given.warehouse.storage_gb
  multi_az                 = local.given.warehouse.multi_az
  backup_days              = local.given.warehouse.backup_days
  log_retention_days       = local.given.warehouse.log_retention_days
  topic_arns = {
    alerts  = local.monitoring.alert_topic_arn
    notices = local.monitoring.notice_topic_arn
  }
  deletion_protection = var.deletion_protection
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/mwaa"
  description    = "What the stack mwaa publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
