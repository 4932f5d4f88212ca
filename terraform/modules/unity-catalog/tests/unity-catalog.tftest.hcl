mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/anthill-dev-unity" }
  }
}

mock_provider "time" {}

mock_provider "databricks" {
  mock_data "databricks_aws_unity_catalog_assume_role_policy" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "databricks_storage_credential" {
    defaults = { aws_iam_role = { external_id = "00000000-0000-4000-8000-000000000000" } }
  }
}

variables {
  name         = "anthill-dev"
  account_id   = "111111111111"
  region       = "us-east-1"
  catalog      = "dev"
  workspace_id = 1234567890
  lake = {
    bronze = { bucket = "anthill-dev-bronze", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
    silver = { bucket = "anthill-dev-silver", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
    gold   = { bucket = "anthill-dev-gold", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  }
  pipeline_principal  = "00000000-0000-4000-8000-000000000000"
  iam_path            = "/innovation_development/"
  deletion_protection = false
}

run "bronze_is_read_only" {
  assert {
    condition     = databricks_storage_credential.this["bronze"].read_only && databricks_external_location.this["bronze"].read_only && databricks_external_location.this["bronze"].url == "s3://anthill-dev-bronze/polygon/"
    error_message = "Databricks may write to bronze"
  }
  assert {
    condition     = databricks_external_location.this["bronze"].credential_name != databricks_external_location.this["silver"].credential_name
    error_message = "bronze can be reached by the credential that writes"
  }
  assert {
    condition     = toset(flatten([for s in jsondecode(output.policies["bronze"]).Statement : s.Action])) == toset(["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation", "kms:Decrypt", "sts:AssumeRole"])
    error_message = "the reader's role may do more than read"
  }
  assert {
    condition     = !strcontains(output.policies["tables"], "anthill-dev-bronze")
    error_message = "the writer's role reaches bronze"
  }
  assert {
    condition     = one([for g in databricks_grants.location["bronze"].grant : g.privileges]) == toset(["READ_FILES"])
    error_message = "the pipeline may write files to bronze"
  }
  assert {
    condition     = databricks_workspace_binding.location["bronze"].binding_type == "BINDING_TYPE_READ_ONLY"
    error_message = "the workspace is bound to bronze for writing"
  }
}

run "one_workspace_sees_the_catalog" {
  assert {
    condition     = databricks_catalog.this.isolation_mode == "ISOLATED" && databricks_workspace_binding.catalog.workspace_id == 1234567890
    error_message = "every workspace of the metastore sees the catalog"
  }
  assert {
    condition     = jsonencode(keys(databricks_schema.this)) == jsonencode(["gold", "quality", "silver"]) && alltrue([for s in databricks_schema.this : s.owner == var.pipeline_principal])
    error_message = "the pipeline does not own the schemas whose readers it grants"
  }
  assert {
    condition     = alltrue([for g in databricks_grants.catalog.grant : length(setintersection(g.privileges, ["MODIFY", "ALL_PRIVILEGES", "MANAGE", "CREATE_TABLE"])) == 0])
    error_message = "somebody may write through the catalog"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.this : role.path == "/innovation_development/"])
    error_message = "a role lies outside the team's path"
  }
  assert {
    condition     = alltrue([for access, policy in output.policies : contains(flatten([for s in jsondecode(policy).Statement : s.Resource if contains(s.Action, "sts:AssumeRole")]), "arn:aws:iam::111111111111:role/innovation_development/anthill-dev-unity-${access}")])
    error_message = "a role may not assume itself"
  }
}

run "protection_guards_the_catalog" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1
    error_message = "the catalog can be destroyed"
  }
}

run "refuses_upper_case_names" {
  command = plan
  variables {
    name = "Anthill"
  }
  expect_failures = [var.name]
}

run "refuses_wrong_accounts" {
  command = plan
  variables {
    account_id = "1234"
  }
  expect_failures = [var.account_id]
}

run "refuses_wrong_regions" {
  command = plan
  variables {
    region = "virginia"
  }
  expect_failures = [var.region]
}

run "refuses_catalogs_with_hyphens" {
  command = plan
  variables {
    catalog = "anthill-dev"
  }
  expect_failures = [var.catalog]
}

run "refuses_a_lake_without_gold" {
  command = plan
  variables {
    lake = { bronze = { bucket = "b", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }, silver = { bucket = "s", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" } }
  }
  expect_failures = [var.lake]
}

run "refuses_keys_by_alias" {
  command = plan
  variables {
    lake = { bronze = { bucket = "b", kms_key_arn = "alias/x" }, silver = { bucket = "s", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }, gold = { bucket = "g", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" } }
  }
  expect_failures = [var.lake]
}

run "refuses_a_whole_bucket_of_bronze" {
  command = plan
  variables {
    bronze_prefix = ""
  }
  expect_failures = [var.bronze_prefix]
}

run "refuses_tables_in_bronze" {
  command = plan
  variables {
    schemas = { raw = { zone = "bronze", comment = "x" }, quality = { zone = "silver", comment = "x" } }
  }
  expect_failures = [var.schemas]
}

run "refuses_schemas_with_hyphens" {
  command = plan
  variables {
    schemas = { "a-b" = { zone = "gold", comment = "x" }, quality = { zone = "silver", comment = "x" } }
  }
  expect_failures = [var.schemas]
}

run "refuses_volumes_without_a_schema" {
  command = plan
  variables {
    volumes = { "nowhere.files" = "x" }
  }
  expect_failures = [var.volumes]
}

run "refuses_principals_by_name" {
  command = plan
  variables {
    pipeline_principal = "pipeline"
  }
  expect_failures = [var.pipeline_principal]
}

run "refuses_people_who_write" {
  command = plan
  variables {
    group_privileges = { analysts = ["MODIFY"] }
  }
  expect_failures = [var.group_privileges]
}

run "refuses_paths_without_slashes" {
  command = plan
  variables {
    iam_path = "innovation"
  }
  expect_failures = [var.iam_path]
}
