locals {
  team  = "platform_development"
  given = var.stacks.platform_development.network
}

data "aws_ssm_parameter" "security" {
  name = "${local.parameters}/platform_development/security"
}

locals {
  security = jsondecode(data.aws_ssm_parameter.security.insecure_value)

  published = {
    vpc_id                       = module.networking.vpc_id
    private_subnet_ids           = module.networking.private_subnet_ids
    databricks_subnet_ids        = module.networking.databricks_subnet_ids
    mwaa_security_group_id       = module.networking.mwaa_security_group_id
    databricks_security_group_id = module.networking.databricks_security_group_id
    endpoints_security_group_id  = module.networking.endpoints_security_group_id
    nat_gateway_ids              = module.networking.nat_gateway_ids
    flow_log_group               = module.networking.flow_log_group
  }
}

module "networking" {
  source = "../../modules/networking"

  name                     = local.name
  region                   = var.region
  zones                    = local.given.zones
  cidr                     = local.given.cidr
  subnets                  = local.given.subnets
  egress                   = local.given.egress
  sources                  = local.given.sources
  log_kms_key_arn          = local.security.kms_key_arn
  log_retention_days       = local.given.log_retention_days
  iam_path                 = local.iam_path
  permissions_boundary_arn = local.security.platform_boundary_arn
}

# How people reach a private Airflow.
module "access" {
  source = "../../modules/access"

  name                         = local.name
  region                       = var.region
  kind                         = local.given.access
  vpc_id                       = module.networking.vpc_id
  subnet_ids                   = module.networking.private_subnet_ids
  route_table_ids              = module.networking.private_route_table_ids
  web_server_security_group_id = module.networking.mwaa_security_group_id
  endpoints_security_group_id  = module.networking.endpoints_security_group_id
  nat                          = local.given.egress != "endpoints"
  transit_gateway              = local.given.transit_gateway
  tags                         = local.tags
  iam_path                     = local.iam_path
  permissions_boundary_arn     = local.security.platform_boundary_arn
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/network"
  description    = "What the stack network publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
