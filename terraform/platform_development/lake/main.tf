locals {
  team  = "platform_development"
  given = var.stacks.platform_development.lake
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

locals {
  security = jsondecode(data.aws_ssm_parameter.security.insecure_value)
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

# What people drop as CSV, and their way to it: a role an owner, for the datasets that are declared as his.
module "drop_zone" {
  source = "../../modules/drop-zone"

  name              = local.name
  account_id        = var.account_id
  region            = var.region
  kms_key_arn       = module.lake.kms_key_arn
  access_log_bucket = module.lake.access_log_bucket
  input_days        = local.given.dropped_days
  people = { for owner, principals in local.given.droppers : owner => {
    principals = principals
    folders    = flatten([for class in local.dropped : [for dataset in keys(class.datasets) : "${class.asset_class}/${dataset}/"] if class.owner == owner])
  } }
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.platform_boundary_arn
  deletion_protection      = var.deletion_protection
}

locals {
  # A folder a kind of source, as the head of an asset class's declaration names it; always of the drop zone, which is there before
  # any dataset is, and of streams, which no head names.
  datasets = "${path.root}/../../../include/datasets"
  sources  = { for file in fileset(local.datasets, "*.yaml") : file => one(regexall("(?m)^source: ([a-z_]+)$", file("${local.datasets}/${file}"))[*][0]) }
  kinds    = setunion(["drop", "polygon_stream"], values(local.sources))
  dropped  = [for file, kind in local.sources : yamldecode(file("${local.datasets}/${file}")) if kind == "drop"]

  published = {
    bronze_bucket     = module.lake.buckets["bronze"]
    bronze_folders    = [for kind in local.kinds : "${kind}/"]
    personal_bucket   = module.lake.buckets["personal"]
    documents_bucket  = module.lake.buckets["documents"]
    artifacts_bucket  = module.lake.buckets["artifacts"]
    drop_bucket       = module.drop_zone.bucket
    drop_queue_url    = module.drop_zone.queue_url
    drop_queue        = module.drop_zone.queue
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
