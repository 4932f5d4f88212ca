# A principal for what a team's Terraform does in an environment, and one for what it only plans there: GitHub's token of
# that environment's jobs signs in as it, and as no other. None has a secret.
locals {
  teams = ["platform_development", "innovation_development"]
  jobs = {
    for job in setproduct(local.environments, local.teams, ["", "-plan"]) :
    "${job[0]}-${job[1]}${job[2]}" => { team = job[1], plans = job[2] != "" }
  }
  # Workspaces, networks and keys are made by account admins alone, and read by them alone.
  of_platform = { for name, job in local.jobs : name => job if job.team == "platform_development" }
}

resource "databricks_service_principal" "terraform" {
  for_each     = local.jobs
  display_name = "${var.name_prefix}-terraform-${each.key}"
}

resource "databricks_service_principal_federation_policy" "terraform" {
  for_each             = local.jobs
  service_principal_id = databricks_service_principal.terraform[each.key].id
  description          = "Jobs of the GitHub environment ${each.key}"

  oidc_policy = {
    issuer    = "https://token.actions.githubusercontent.com"
    subject   = "repo:${local.repository}:environment:${each.key}"
    audiences = ["databricks"]
  }
}

resource "databricks_service_principal_role" "account_admin" {
  for_each             = local.of_platform
  service_principal_id = databricks_service_principal.terraform[each.key].id
  role                 = "account_admin"
}

# Who owns the metastores: with their rights a workspace gives its team what it may create.
resource "databricks_group" "metastore_admins" {
  display_name = "metastore_admins"
}

resource "databricks_group_member" "metastore_admins" {
  for_each  = local.of_platform
  group_id  = databricks_group.metastore_admins.id
  member_id = databricks_service_principal.terraform[each.key].id
}
