locals {
  team       = "platform_development"
  innovation = "innovation_development"
  given      = var.stacks.platform_development.databricks
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
    databricks_account_id = local.given.databricks_account_id
    workspace_id          = module.databricks.workspace_id
    host                  = module.databricks.host
    application_ids       = module.principals.application_ids
  }
}

provider "databricks" {
  alias      = "account"
  host       = "https://accounts.cloud.databricks.com"
  account_id = local.given.databricks_account_id
}

# Made by terraform/account, by this name.
data "databricks_service_principal" "team" {
  provider     = databricks.account
  for_each     = toset(["innovation_development", "innovation_development-plan"])
  display_name = "${var.name_prefix}-terraform-${var.environment}-${each.key}"
}

module "databricks" {
  source    = "../../modules/databricks"
  providers = { databricks = databricks.account }

  name                  = local.name
  account_id            = var.account_id
  region                = var.region
  databricks_account_id = local.given.databricks_account_id
  vpc_id                = local.network.vpc_id
  subnet_ids            = local.network.databricks_subnet_ids
  security_group_ids    = [local.network.databricks_security_group_id]
  access_log_bucket     = local.lake.access_log_bucket
  metastore_id          = local.given.metastore_id
  admin_group_id        = local.given.admin_group_id
  user_group_ids        = local.given.user_group_ids
  team = { for name, principal in data.databricks_service_principal.team : name => {
    id             = tonumber(principal.id)
    application_id = principal.application_id
    applies        = !endswith(name, "-plan")
  } }
  pricing_tier             = local.given.pricing_tier
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.platform_boundary_arn
  deletion_protection      = var.deletion_protection

  private_link = local.given.private_link == null ? null : {
    workspace_service  = local.given.private_link.workspace_service
    relay_service      = local.given.private_link.relay_service
    public_access      = local.given.private_link.public_access
    subnet_ids         = local.network.private_subnet_ids
    security_group_ids = [local.network.endpoints_security_group_id]
  }
}

# Who runs and deploys what the innovation team makes: it may use these principals, and not say who else does.
module "principals" {
  source    = "../../modules/databricks-principals"
  providers = { databricks = databricks.account }

  name                  = local.name
  databricks_account_id = local.given.databricks_account_id
  workspace_id          = module.databricks.workspace_id

  service_principals = {
    pipeline = {
      # The MWAA execution role, by its name: mwaa comes later, and needs this principal's client id.
      federation = local.given.databricks_auth != "federated" ? null : {
        issuer  = local.given.token_issuer
        subject = "arn:aws:iam::${var.account_id}:role/platform_development/${local.name}-mwaa"
      }
    }
    bundle = {
      federation = {
        issuer    = "https://token.actions.githubusercontent.com"
        subject   = "repo:${local.given.repository}:environment:${var.environment}-${local.innovation}"
        audiences = ["databricks"]
      }
    }
    # Looks for drift in jobs and grants; deploys nothing.
    drift = {
      federation = {
        issuer    = "https://token.actions.githubusercontent.com"
        subject   = "repo:${local.given.repository}:environment:${var.environment}-${local.innovation}-plan"
        audiences = ["databricks"]
      }
    }
  }
}

# All of the workspace, whoever uses it: what carries no tag is in no team's budget.
module "budget" {
  source    = "../../modules/databricks-budget"
  providers = { databricks = databricks.account }

  name         = local.name
  workspace_id = module.databricks.workspace_id
  monthly_usd  = local.given.budget.monthly_usd
  emails       = local.given.budget.emails
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/databricks"
  description    = "What the stack databricks publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
