mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/anthill-dev-databricks-cross-account" }
  }
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000", key_id = "00000000-0000-4000-8000-000000000000" }
  }
}

mock_provider "time" {}

mock_provider "databricks" {
  mock_data "databricks_aws_assume_role_policy" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "databricks_aws_crossaccount_policy" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "databricks_aws_bucket_policy" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::414351767826:root\"},\"Action\":[\"s3:GetObject\"],\"Resource\":[\"arn:aws:s3:::anthill-dev-workspace/*\"]}]}" }
  }
  mock_resource "databricks_mws_workspaces" {
    defaults = { workspace_id = "1234567890", workspace_url = "https://anthill-dev.cloud.databricks.com" }
  }
}

variables {
  name                  = "anthill-dev"
  account_id            = "111111111111"
  region                = "us-east-1"
  databricks_account_id = "00000000-0000-4000-8000-000000000000"
  vpc_id                = "vpc-0123456789abcdef0"
  subnet_ids            = ["subnet-1", "subnet-2", "subnet-3"]
  security_group_ids    = ["sg-1"]
  access_log_bucket     = "anthill-dev-access-logs"
  metastore_id          = "00000000-0000-4000-8000-000000000001"
  admin_group_id        = 1001
  user_group_ids        = { analysts = 1002 }
  deletion_protection   = false
}

run "a_workspace_in_our_network" {
  assert {
    condition     = length(setsubtract(["kms:Delete*", "kms:RetireGrant", "kms:ScheduleKeyDeletion"], flatten([for s in jsondecode(aws_kms_key.this.policy).Statement : s.Action if s.Sid == "Administration"]))) == 0
    error_message = "nobody can delete the key's alias or end its grants: destroy and rename would stop"
  }
  assert {
    condition     = output.host == "anthill-dev.cloud.databricks.com" && output.workspace_id == 1234567890
    error_message = "the workspace's address does not come out"
  }
  assert {
    condition     = databricks_mws_networks.this.vpc_id == var.vpc_id && length(databricks_mws_networks.this.subnet_ids) == 3 && length(databricks_mws_networks.this.vpc_endpoints) == 0
    error_message = "clusters would not run in our subnets"
  }
  assert {
    condition     = sort([for k in databricks_mws_customer_managed_keys.this : one(k.use_cases)]) == sort(["MANAGED_SERVICES", "STORAGE"])
    error_message = "notebooks or volumes are not encrypted by our key"
  }
  assert {
    condition     = databricks_metastore_assignment.this.metastore_id == var.metastore_id
    error_message = "the workspace is not in the region's metastore"
  }
  assert {
    condition     = databricks_mws_permission_assignment.admins.permissions == toset(["ADMIN"]) && databricks_mws_permission_assignment.users["analysts"].permissions == toset(["USER"])
    error_message = "groups have the wrong part in the workspace"
  }
  assert {
    condition     = !anytrue([for s in jsondecode(aws_kms_key.this.policy).Statement : anytrue([for a in s.Action : contains(["*", "kms:*"], a)])])
    error_message = "the key's policy allows every action"
  }
}

run "databricks_is_bound_to_our_network_and_account" {
  assert {
    condition     = data.databricks_aws_crossaccount_policy.this.policy_type == "restricted" && data.databricks_aws_crossaccount_policy.this.vpc_id == var.vpc_id && data.databricks_aws_crossaccount_policy.this.security_group_id == "sg-1" && data.databricks_aws_crossaccount_policy.this.aws_account_id == var.account_id && data.databricks_aws_crossaccount_policy.this.region == var.region
    error_message = "Databricks may start and end machines that are not its own"
  }
  assert {
    condition     = data.databricks_aws_bucket_policy.root.databricks_e2_account_id == var.databricks_account_id
    error_message = "the root bucket is open to other customers of Databricks"
  }
}

run "serverless_compute_calls_what_is_named" {
  assert {
    condition     = databricks_account_network_policy.this["anthill-dev"].egress.network_access.restriction_mode == "RESTRICTED_ACCESS" && databricks_account_network_policy.this["anthill-dev"].egress.network_access.policy_enforcement.enforcement_mode == "ENFORCED"
    error_message = "serverless compute may call the whole internet"
  }
  assert {
    condition     = { for d in databricks_account_network_policy.this["anthill-dev"].egress.network_access.allowed_internet_destinations : d.destination => d.internet_destination_type } == { for name in ["pypi.org", "files.pythonhosted.org"] : name => "DNS_NAME" }
    error_message = "the jobs cannot install what their wheel needs, or others are reached"
  }
  assert {
    condition     = databricks_workspace_network_option.this["anthill-dev"].network_policy_id == "anthill-dev" && databricks_workspace_network_option.this["anthill-dev"].workspace_id == databricks_mws_workspaces.this.workspace_id
    error_message = "the workspace is left with the account's default policy"
  }
  assert {
    condition     = databricks_mws_network_connectivity_config.this["anthill-dev"].region == var.region && databricks_mws_ncc_binding.this["anthill-dev"].workspace_id == databricks_mws_workspaces.this.workspace_id
    error_message = "the workspace's serverless compute has no connectivity of its own"
  }
}

run "audit_logs_are_kept" {
  assert {
    condition     = databricks_mws_log_delivery.audit.log_type == "AUDIT_LOGS" && databricks_mws_log_delivery.audit.output_format == "JSON" && databricks_mws_log_delivery.audit.workspace_ids_filter == tolist([databricks_mws_workspaces.this.workspace_id])
    error_message = "what is done in the workspace is not delivered, or that of others is"
  }
  assert {
    condition     = data.databricks_aws_assume_role_policy.audit.for_log_delivery && databricks_mws_storage_configurations.audit.bucket_name == "anthill-dev-databricks-audit"
    error_message = "another of Databricks' roles would deliver, or elsewhere"
  }
  assert {
    condition     = toset(flatten([for s in jsondecode(aws_iam_role_policy.audit.policy).Statement : s.Resource if s.Sid != "Key"])) == toset(["arn:aws:s3:::anthill-dev-databricks-audit", "arn:aws:s3:::anthill-dev-databricks-audit/*"])
    error_message = "who delivers reaches other buckets"
  }
  assert {
    condition     = [for s in jsondecode(aws_kms_key.this.policy).Statement : s.Condition.ArnEquals["aws:PrincipalArn"] if s.Sid == "AuditLogs"] == ["arn:aws:iam::111111111111:role/anthill-dev-databricks-audit"]
    error_message = "the bucket's key refuses who delivers"
  }
}

run "private_link" {
  variables {
    private_link = {
      workspace_service  = "com.amazonaws.vpce.us-east-1.vpce-svc-1"
      relay_service      = "com.amazonaws.vpce.us-east-1.vpce-svc-2"
      subnet_ids         = ["subnet-1", "subnet-2"]
      security_group_ids = ["sg-2"]
      public_access      = false
    }
  }
  assert {
    condition     = length(aws_vpc_endpoint.databricks) == 2 && length(databricks_mws_vpc_endpoint.this) == 2 && length(databricks_mws_networks.this.vpc_endpoints) == 1
    error_message = "PrivateLink is not complete"
  }
  assert {
    condition     = { for r in aws_vpc_security_group_ingress_rule.private_link : "${r.from_port}-${r.to_port}" => r.referenced_security_group_id } == { for ports in ["443-443", "2443-2443", "5432-5432", "6666-6666", "8443-8451"] : ports => "sg-1" }
    error_message = "clusters do not reach the endpoints on every port that Databricks asks for, or others do"
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.databricks : toset(e.security_group_ids) == toset(["sg-2", aws_security_group.private_link[0].id])])
    error_message = "an endpoint has not the group of the clusters' ports, or nobody else reaches it"
  }
  assert {
    condition     = databricks_mws_private_access_settings.this[0].public_access_enabled == false && databricks_mws_private_access_settings.this[0].private_access_level == "ENDPOINT"
    error_message = "the workspace stays open to the internet"
  }
}

run "a_team_administers_its_workspace_and_no_more" {
  variables {
    team = {
      deploy = { id = 2001, application_id = "00000000-0000-4000-8000-00000000000e", applies = true }
      plan   = { id = 2002, application_id = "00000000-0000-4000-8000-00000000000f", applies = false }
    }
  }
  assert {
    condition     = { for a in databricks_mws_permission_assignment.team : a.principal_id => one(a.permissions) } == { 2001 = "ADMIN", 2002 = "ADMIN" }
    error_message = "the team's Terraform does not get into the workspace, or somebody else's does"
  }
  assert {
    condition     = { for g in databricks_grant.team : g.principal => toset(g.privileges) } == { "00000000-0000-4000-8000-00000000000e" = toset(["CREATE_CATALOG", "CREATE_EXTERNAL_LOCATION", "CREATE_STORAGE_CREDENTIAL"]) }
    error_message = "the stack catalog would be refused, or what only plans may create"
  }
  assert {
    condition     = databricks_grant.team["deploy"].metastore == var.metastore_id && one(databricks_grant.team["deploy"].provider_config).workspace_id == tostring(databricks_mws_workspaces.this.workspace_id)
    error_message = "the rights are on another metastore, or asked for through another workspace"
  }
}

run "premium_takes_no_keys_and_no_network_policy" {
  command = plan
  variables {
    pricing_tier = "PREMIUM"
  }
  assert {
    condition     = length(databricks_mws_customer_managed_keys.this) == 0
    error_message = "Databricks takes keys of customers in ENTERPRISE alone"
  }
  assert {
    condition     = length(databricks_account_network_policy.this) == 0 && length(databricks_workspace_network_option.this) == 0 && length(databricks_mws_network_connectivity_config.this) == 0 && length(databricks_mws_ncc_binding.this) == 0
    error_message = "Databricks takes network policies in ENTERPRISE alone"
  }
}

run "protection_guards_the_workspace" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1
    error_message = "the workspace can be destroyed"
  }
}

run "refuses_unknown_tiers" {
  command = plan
  variables {
    pricing_tier = "STANDARD"
  }
  expect_failures = [var.pricing_tier]
}

run "refuses_foreign_services" {
  command = plan
  variables {
    private_link = { workspace_service = "example.com", relay_service = "example.com", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
  expect_failures = [var.private_link]
}

run "refuses_private_link_below_enterprise" {
  command = plan
  variables {
    pricing_tier = "PREMIUM"
    private_link = { workspace_service = "com.amazonaws.vpce.a", relay_service = "com.amazonaws.vpce.b", subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }
  expect_failures = [var.pricing_tier]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # upper case names
    name = "Anthill"
    # wrong accounts
    account_id = "1234"
    # wrong regions
    region = "virginia"
    # accounts that are none
    databricks_account_id = "123"
    # what is no vpc
    vpc_id = "10.0.0.0/16"
    # one subnet
    subnet_ids = ["subnet-1"]
    # no security group
    security_group_ids = []
    # metastores by name
    metastore_id = "main"
    # paths without slashes
    iam_path = "platform"
    # a bucket's name that is none
    access_log_bucket = "Logs_Here"
    # principals by name
    team = { deploy = { id = 1, application_id = "terraform", applies = true } }
    # a group that is none
    admin_group_id = 0
    # a group that is none
    user_group_ids = { analysts = 0 }
    # addresses in the place of names
    serverless_destinations = ["https://pypi.org/simple"]
    # logs that are gone before they are read
    audit_days = 7
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.access_log_bucket, var.account_id, var.admin_group_id, var.audit_days, var.databricks_account_id, var.iam_path, var.metastore_id, var.name, var.permissions_boundary_arn, var.region, var.security_group_ids, var.serverless_destinations, var.subnet_ids, var.team, var.user_group_ids, var.vpc_id]
}
