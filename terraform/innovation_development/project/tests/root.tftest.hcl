# Plans a project with its own tfvars, and with values of its environment; its end is moved, so that no test ends with it.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

mock_provider "time" {}

mock_provider "databricks" {
  source = "../../modules/environment/mocks/databricks"
}

mock_provider "databricks" {
  alias  = "account"
  source = "../../modules/environment/mocks/databricks"
}

variables {
  ends = formatdate("YYYY-MM-DD", timestamp())
}

run "is_made_with_its_own_values_until_its_last_day" {
  command = plan
  assert {
    condition     = module.bucket.name == "${var.name_prefix}-${var.environment}-project-${var.project}" && aws_iam_role.this.name == module.bucket.name && databricks_external_location.this.url == "s3://${module.bucket.name}/" && databricks_schema.this.name == "project_${var.project}"
    error_message = "a project has other names than its team's role may make and destroy"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == local.security.innovation_boundary_arn && aws_iam_role.this.path == "/innovation_development/"
    error_message = "the project's role stands in no boundary"
  }
  assert {
    condition     = databricks_schema.this.force_destroy && databricks_external_location.this.force_destroy && databricks_storage_credential.this.force_destroy
    error_message = "a project cannot be destroyed with what lies in it"
  }
  assert {
    condition     = { for grant in databricks_grants.schema.grant : grant.principal => toset(grant.privileges) } == merge({ (var.group) = toset(["ALL_PRIVILEGES"]) }, { for reader in var.readers : reader => toset(["USE_SCHEMA", "SELECT", "READ_VOLUME", "EXECUTE"]) })
    error_message = "others work in the project than its group, or read it than its readers"
  }
  assert {
    condition     = databricks_external_location.this.isolation_mode == "ISOLATION_MODE_ISOLATED" && databricks_storage_credential.this.isolation_mode == "ISOLATION_MODE_ISOLATED" && alltrue([for binding in databricks_workspace_binding.this : binding.workspace_id == tonumber(local.databricks.workspace_id)])
    error_message = "another workspace reaches the project's bucket"
  }
  assert {
    condition     = local.tags.budget == "project-${var.project}" && module.budget.thresholds["100"] == tostring(var.monthly_usd)
    error_message = "the project's usage is not what its budget counts"
  }
}

run "a_cluster_stands_under_its_policy" {
  command = plan
  variables {
    cluster = { policy = "science", workers = 2 }
  }
  assert {
    condition     = databricks_cluster.this[0].policy_id == local.compute.policy_ids["science"] && databricks_cluster.this[0].autotermination_minutes == 20 && one(databricks_cluster.this[0].autoscale).max_workers == 2 && databricks_cluster.this[0].node_type_id == "r6gd.large"
    error_message = "the cluster is bounded by no policy, or never stops"
  }
  assert {
    condition     = databricks_cluster.this[0].custom_tags == tomap(merge(module.environment.tags, { budget = "project-${var.project}" }))
    error_message = "nobody is told what the cluster costs"
  }
  assert {
    condition     = [for control in databricks_permissions.cluster[0].access_control : [control.group_name, control.permission_level]] == [[var.group, "CAN_RESTART"]]
    error_message = "others start the cluster than the project's group"
  }
}

run "no_cluster_where_none_is_asked_for" {
  command = plan
  variables {
    cluster = null
  }
  assert {
    condition     = length(databricks_cluster.this) + length(databricks_permissions.cluster) == 0
    error_message = "a cluster is made that nobody asked for"
  }
}

run "an_ended_project_is_not_kept" {
  command = plan
  variables {
    ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "-24h"))
  }
  expect_failures = [terraform_data.ends]
}

run "no_project_is_for_ever" {
  command = plan
  variables {
    ends = formatdate("YYYY-MM-DD", timeadd(timestamp(), "9000h"))
  }
  expect_failures = [terraform_data.ends]
}

run "there_is_none_where_nobody_writes" {
  command = plan
  variables {
    stacks = { innovation_development = merge(var.stacks.innovation_development, { catalog = merge(var.stacks.innovation_development.catalog, { places = { features = { makers = [] } } }) }) }
  }
  expect_failures = [var.group]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # names that no schema and bucket have both
    project = "Our-Project"
    # readers who cannot use the catalog
    readers = ["everybody"]
    # days that there are not
    ends = "2027-02-31"
    # no budget
    monthly_usd = 0
    # more than the policy allows
    cluster = { policy = "science", workers = 100 }
  }
  expect_failures = [var.cluster, var.ends, var.monthly_usd, var.project, var.readers]
}
