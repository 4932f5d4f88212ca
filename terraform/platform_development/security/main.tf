locals {
  team  = "platform_development"
  given = var.stacks.platform_development.security
}

module "cicd" {
  source = "../../modules/cicd"

  name_prefix          = var.name_prefix
  environment          = var.environment
  account_id           = var.account_id
  region               = var.region
  repository           = local.given.repository
  create_oidc_provider = local.given.create_oidc_provider
  state_bucket         = local.given.state_bucket
  state_kms_key_arn    = local.given.state_kms_key_arn
}

locals {
  published = {
    kms_key_arn             = aws_kms_key.platform.arn
    innovation_boundary_arn = module.cicd.boundary_arns["innovation_development"]
    platform_boundary_arn   = module.cicd.boundary_arns["platform_development"]
  }
}

resource "aws_ssm_parameter" "published" {
  # checkov:skip=CKV2_AWS_34: ids and names for the other stacks, never a secret
  # checkov:skip=CKV_AWS_337: see CKV2_AWS_34
  name           = "${local.parameters}/${local.team}/security"
  description    = "What the stack security publishes for the others"
  type           = "String"
  insecure_value = jsonencode(local.published)
}
