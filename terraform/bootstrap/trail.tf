# What happens in the account is recorded from the first day on; where the organisation records it, ours is off.
locals {
  account = "${var.name_prefix}-${var.environment}"
  roles   = "arn:aws:iam::${var.account_id}:role/platform_development/${local.account}"
}

module "trail" {
  count  = var.organisation_trail ? 0 : 1
  source = "../modules/trail"

  name                = local.account
  account_id          = var.account_id
  region              = var.region
  watched_buckets     = ["${local.account}-bronze", "${local.account}-documents", "${local.account}-personal", module.states.name]
  bronze_bucket       = "${local.account}-bronze"
  personal_bucket     = "${local.account}-personal"
  documents_bucket    = "${local.account}-documents"
  access_log_bucket   = module.access_logs.name
  connections_prefix  = "${var.name_prefix}/${var.environment}"
  reader_role         = "${local.roles}-mwaa"
  workflow_roles      = "${local.roles}-deploy-*"
  team_paths          = ["/innovation_development/", "/platform_development/"]
  emails              = var.stacks.platform_development.monitoring.emails.alerts
  deletion_protection = var.deletion_protection
}
