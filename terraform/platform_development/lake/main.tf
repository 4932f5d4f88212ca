locals {
  team  = "platform_development"
  given = var.stacks.platform_development.lake
}

module "lake" {
  source = "../../modules/data-lake"

  name                = local.name
  account_id          = var.account_id
  region              = var.region
  access_log_days     = local.given.access_log_days
  deletion_protection = var.deletion_protection

  zones = {
    bronze = {
      data_class       = "licensed"
      written          = "once"
      object_lock_days = local.given.bronze_lock_days
      lifecycle_days   = { colder = local.given.bronze_colder_days }
    }
    # About people: written as bronze, but one role can erase it. An object lock would hold it for years.
    personal = {
      data_class     = "personal"
      written        = "once"
      erased_by      = "arn:aws:iam::${var.account_id}:role${local.iam_path}${local.name}-erasure"
      lifecycle_days = { colder = local.given.bronze_colder_days }
    }
    # No object lock here: a document is replaced many times a day.
    documents = { data_class = "operational", written = "read", lifecycle_days = { noncurrent = 30 } }
    artifacts = { data_class = "operational" }
  }
}

locals {
  # A folder a kind of source, as the head of an asset class's declaration names it.
  datasets = "${path.root}/../../../include/datasets"
  kinds    = toset(flatten([for file in fileset(local.datasets, "*.yaml") : regexall("(?m)^source: ([a-z_]+)$", file("${local.datasets}/${file}"))]))

  published = {
    bronze_bucket     = module.lake.buckets["bronze"]
    bronze_folders    = [for kind in local.kinds : "${kind}/"]
    personal_bucket   = module.lake.buckets["personal"]
    documents_bucket  = module.lake.buckets["documents"]
    artifacts_bucket  = module.lake.buckets["artifacts"]
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
