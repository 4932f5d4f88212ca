locals {
  team  = "innovation_development"
  given = var.stacks.innovation_development.compute
}

data "aws_ssm_parameter" "databricks" {
  name = "${local.parameters}/platform_development/databricks"
}

locals {
  databricks = jsondecode(data.aws_ssm_parameter.databricks.insecure_value)

  published = {
    warehouse_id     = module.compute.warehouse_id
    budget_policy_id = module.compute.budget_policy_id
    policy_ids       = module.compute.policy_ids
  }
}

provider "databricks" {
  host = "https://${local.databricks.host}"
}

provider "databricks" {
  alias      = "account"
  host       = "https://accounts.cloud.databricks.com"
  account_id = local.databricks.databricks_account_id
}

module "compute" {
  source    = "../../modules/databricks-compute"
  providers = { databricks = databricks, databricks.account = databricks.account }

  name                  = local.name
  tags                  = local.tags
  warehouse             = local.given.warehouse
  cluster_policies      = local.given.cluster_policies
  databricks_account_id = local.databricks.databricks_account_id
  workspace_id          = local.databricks.workspace_id
  application_ids       = local.databricks.application_ids
}

# What the team's jobs, warehouse and clusters cost, by the tag that all of them carry.
module "budget" {
  source    = "../../modules/databricks-budget"
  providers = { databricks = databricks.account }

  name         = "${local.name} ${local.team}"
  workspace_id = local.databricks.workspace_id
  tags         = { team = local.team }
  monthly_usd  = local.given.budget.monthly_usd
  emails       = local.given.budget.emails
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/compute"
  description    = "What the stack compute publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
