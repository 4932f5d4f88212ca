locals {
  team = "innovation_development"
  # Of the bucket, the role, the credential, the location and the cluster: what the team's role may make and destroy.
  own = "${local.name}-project-${var.project}"
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

data "aws_ssm_parameter" "databricks" {
  name = "${local.parameters}/platform_development/databricks"
}

data "aws_ssm_parameter" "lake" {
  name = "${local.parameters}/innovation_development/lake"
}

data "aws_ssm_parameter" "compute" {
  name = "${local.parameters}/innovation_development/compute"
}

data "aws_ssm_parameter" "catalog" {
  name = "${local.parameters}/innovation_development/catalog"
}

locals {
  security   = jsondecode(data.aws_ssm_parameter.security.insecure_value)
  databricks = jsondecode(data.aws_ssm_parameter.databricks.insecure_value)
  lake       = jsondecode(data.aws_ssm_parameter.lake.insecure_value)
  compute    = jsondecode(data.aws_ssm_parameter.compute.insecure_value)
  catalog    = jsondecode(data.aws_ssm_parameter.catalog.insecure_value)

  day_after = formatdate("YYYY-MM-DD", timeadd("${var.ends}T00:00:00Z", "24h"))
}

# A plan that destroys warns of this only: so an ended project can go, and cannot stay.
resource "terraform_data" "ends" {
  input = var.ends

  lifecycle {
    precondition {
      condition     = timecmp(plantimestamp(), "${local.day_after}T00:00:00Z") < 0
      error_message = "The project ${var.project} ended on ${var.ends}. Destroy it (workflow Project), or have another end reviewed in projects/${var.environment}/${var.project}.tfvars."
    }
    precondition {
      condition     = timecmp("${var.ends}T00:00:00Z", timeadd(plantimestamp(), "8784h")) <= 0
      error_message = "The project ${var.project} ends on ${var.ends}: a year ahead at most, and it can be renewed."
    }
  }
}

# What a project copies from the lake is as licensed as the lake. It is no one's only copy: with the project it is emptied,
# whatever protects the environment.
module "bucket" {
  source = "../../modules/bucket"

  name                = local.own
  data_class          = "licensed"
  kms_key_arn         = local.lake.kms_key_arn
  access_log_bucket   = local.lake.access_log_bucket
  expires_on          = local.day_after
  lifecycle_days      = { noncurrent = 7 }
  deletion_protection = false
}
