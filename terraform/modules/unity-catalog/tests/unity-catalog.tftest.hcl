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
    condition     = databricks_storage_credential.this["bronze"].read_only && databricks_external_location.this["bronze-polygon"].read_only && databricks_external_location.this["bronze-polygon"].url == "s3://anthill-dev-bronze/polygon/"
    error_message = "Databricks may write to bronze"
  }
  assert {
    condition     = databricks_external_location.this["bronze-polygon"].credential_name != databricks_external_location.this["silver"].credential_name
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
    condition     = one([for g in databricks_grants.location["bronze-polygon"].grant : g.privileges]) == toset(["READ_FILES"])
    error_message = "the pipeline may write files to bronze"
  }
  assert {
    condition     = alltrue([for b in concat(values(databricks_workspace_binding.location), values(databricks_workspace_binding.credential)) : b.binding_type != "BINDING_TYPE_READ_ONLY" && b.workspace_id == 1234567890])
    error_message = "Databricks takes bindings for reading of catalogs alone, and refuses these"
  }
  assert {
    condition     = { for zone, location in databricks_external_location.this : zone => location.skip_validation } == { "bronze-polygon" = true, silver = false, gold = false }
    error_message = "bronze's location cannot be made before anything landed, or a writer's mistakes pass"
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
    condition     = jsonencode([for g in databricks_grants.catalog.grant : g.principal if contains(g.privileges, "CREATE_SCHEMA")]) == jsonencode([var.pipeline_principal])
    error_message = "others than the pipeline may make schemas, or it may not"
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

run "people_make_things_in_places_of_their_own" {
  variables {
    places = {
      sandbox  = { makers = ["data_engineers", "data_scientists"] }
      features = { makers = ["data_scientists"], readers = ["data_engineers"] }
      models   = { readers = ["analysts"] }
    }
    file_readers = { bronze = ["data_engineers"] }
  }
  assert {
    condition     = jsonencode(keys(databricks_schema.this)) == jsonencode(["features", "gold", "models", "quality", "sandbox", "silver"]) && alltrue([for s in databricks_schema.this : s.owner == var.pipeline_principal])
    error_message = "a place has no schema, or the pipeline, which drops what is old, does not own it"
  }
  assert {
    condition     = { for g in databricks_grants.place["sandbox"].grant : g.principal => toset(g.privileges) } == { for who in ["data_engineers", "data_scientists"] : who => toset(["USE_SCHEMA", "SELECT", "READ_VOLUME", "EXECUTE", "CREATE_TABLE", "CREATE_VOLUME", "CREATE_MODEL"]) }
    error_message = "engineers and scientists cannot make tables, volumes and models in the sandbox, or somebody else can"
  }
  assert {
    condition     = { for g in databricks_grants.place["features"].grant : g.principal => toset(g.privileges) } == { data_scientists = toset(["USE_SCHEMA", "SELECT", "CREATE_TABLE", "MODIFY"]), data_engineers = toset(["USE_SCHEMA", "SELECT"]) }
    error_message = "training does not write features, or a reader does"
  }
  assert {
    condition     = { for g in databricks_grants.place["models"].grant : g.principal => toset(g.privileges) } == { analysts = toset(["USE_SCHEMA", "EXECUTE"]) }
    error_message = "a reader of models does not run them, or makes some"
  }
  assert {
    condition     = { for g in databricks_grants.location["bronze-polygon"].grant : g.principal => toset(g.privileges) } == { (var.pipeline_principal) = toset(["READ_FILES"]), data_engineers = toset(["READ_FILES"]) } && length(databricks_grants.location["silver"].grant) == 1
    error_message = "engineers cannot read bronze's files, or may do more, or elsewhere"
  }
}

run "somebody_else_s_zones_and_schemas" {
  variables {
    zones = {
      raw     = { read_only = true, folders = ["weather/", "radar/"], comment = "Readings as they came" }
      scans   = { read_only = true, comment = "Scanned books" }
      curated = { comment = "Tables" }
    }
    lake          = { for zone in ["raw", "scans", "curated"] : zone => { bucket = "weather-test-${zone}", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" } }
    catalog_zone  = "curated"
    schemas       = { readings = { zone = "curated", comment = "x" } }
    volumes       = { "readings.files" = "x" }
    place_schemas = { desk = { zone = "curated", comment = "x", make = ["CREATE_TABLE"], read = ["SELECT"] } }
    places        = { desk = { makers = ["forecasters"] } }
    file_readers  = { scans = ["forecasters"] }
  }
  assert {
    condition     = output.locations == { "raw-weather" = "s3://weather-test-raw/weather/", "raw-radar" = "s3://weather-test-raw/radar/", scans = "s3://weather-test-scans/", curated = "s3://weather-test-curated/" } && databricks_catalog.this.storage_root == "s3://weather-test-curated/"
    error_message = "zones have names that cannot be chosen"
  }
  assert {
    condition     = { for zone, location in databricks_external_location.this : zone => location.credential_name } == { "raw-weather" = "anthill-dev-raw", "raw-radar" = "anthill-dev-raw", scans = "anthill-dev-scans", curated = "anthill-dev-tables" } && strcontains(output.policies["raw"], "weather-test-raw/weather/*") && strcontains(output.policies["raw"], "weather-test-raw/radar/*") && !strcontains(output.policies["tables"], "weather-test-raw")
    error_message = "a zone that is read only shares its credential"
  }
  assert {
    condition     = sort(keys(databricks_schema.this)) == tolist(["desk", "readings"]) && { for g in databricks_grants.place["desk"].grant : g.principal => toset(g.privileges) } == { forecasters = toset(["USE_SCHEMA", "SELECT", "CREATE_TABLE"]) }
    error_message = "schemas have names that cannot be chosen"
  }
  assert {
    condition     = { for zone, grants in databricks_grants.location : zone => { for g in grants.grant : g.principal => toset(g.privileges) } } == { "raw-weather" = { (var.pipeline_principal) = toset(["READ_FILES"]) }, "raw-radar" = { (var.pipeline_principal) = toset(["READ_FILES"]) }, scans = { (var.pipeline_principal) = toset(["READ_FILES"]), forecasters = toset(["READ_FILES"]) }, curated = { (var.pipeline_principal) = toset(["READ_FILES", "WRITE_FILES"]) } }
    error_message = "files of a zone are read or written by others than were named"
  }
}

run "drift_sees_the_grants" {
  variables {
    drift_principal = "00000000-0000-4000-8000-00000000000c"
  }
  assert {
    condition     = [for g in databricks_grants.catalog.grant : g.principal if contains(g.privileges, "MANAGE")] == ["00000000-0000-4000-8000-00000000000c"]
    error_message = "who looks for drift is shown no grants, or others may give some"
  }
}

run "who_deploys_makes_models_and_nothing_else" {
  variables {
    model_makers = { gold = "00000000-0000-4000-8000-00000000000b" }
  }
  assert {
    condition     = { for schema, g in databricks_grant.model_maker : "${schema} ${g.schema} ${g.principal}" => toset(g.privileges) } == { "gold ${databricks_schema.this["gold"].id} 00000000-0000-4000-8000-00000000000b" = toset(["USE_SCHEMA", "CREATE_MODEL"]) }
    error_message = "who deploys cannot make the models, or may do more in the schema, or in another"
  }
  assert {
    condition     = { for g in databricks_grants.catalog.grant : g.principal => toset(g.privileges) if g.principal == "00000000-0000-4000-8000-00000000000b" } == { "00000000-0000-4000-8000-00000000000b" = toset(["USE_CATALOG"]) }
    error_message = "who deploys does not come into the catalog, or may do more with it"
  }
}

run "refuses_model_makers_by_name" {
  command = plan
  variables {
    model_makers = { gold = "bundle" }
  }
  expect_failures = [var.model_makers]
}

run "refuses_model_makers_in_places" {
  command = plan
  variables {
    places       = { models = { readers = ["analysts"] } }
    model_makers = { models = "00000000-0000-4000-8000-00000000000b" }
  }
  expect_failures = [var.model_makers]
}

run "nothing_goes_round_the_catalog" {
  assert {
    condition     = one(databricks_disable_legacy_access_setting.this.disable_legacy_access).value && one(databricks_disable_legacy_dbfs_setting.this.disable_legacy_dbfs).value
    error_message = "the Hive metastore or the files of DBFS are reached without Unity Catalog's rights"
  }
  assert {
    condition     = one(databricks_default_namespace_setting.this.namespace).value == "dev"
    error_message = "a name without a catalog is looked for in the Hive metastore"
  }
}

run "there_is_no_place_that_is_not_named" {
  assert {
    condition     = length(databricks_grant.model_maker) == 0
    error_message = "somebody makes models whom nobody named"
  }
  assert {
    condition     = length(databricks_grants.place) == 0 && !contains(keys(databricks_schema.this), "sandbox")
    error_message = "there is a sandbox where nobody asked for one"
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

run "refuses_volumes_without_a_schema" {
  command = plan
  variables {
    volumes = { "nowhere.files" = "x" }
  }
  expect_failures = [var.volumes]
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
    # catalogs with hyphens
    catalog = "anthill-dev"
    # a lake without gold
    lake = { bronze = { bucket = "b", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }, silver = { bucket = "s", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" } }
    # a catalog in what is read only
    catalog_zone = "bronze"
    # tables in bronze
    schemas = { raw = { zone = "bronze", comment = "x" }, quality = { zone = "silver", comment = "x" } }
    # principals by name
    pipeline_principal = "pipeline"
    # drift by name
    drift_principal = "drift"
    # people who write
    group_privileges = { analysts = ["MODIFY"] }
    # groups that are paths
    file_readers = { bronze = ["a/b"] }
    # paths without slashes
    iam_path = "innovation"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
    # a workspace that is none
    workspace_id = 0
  }
  expect_failures = [var.account_id, var.catalog, var.catalog_zone, var.drift_principal, var.file_readers, var.group_privileges, var.iam_path, var.lake, var.name, var.permissions_boundary_arn, var.pipeline_principal, var.region, var.schemas, var.workspace_id]
}

run "refuses_bad_values_again" {
  command = plan
  variables {
    # keys by alias
    lake = { bronze = { bucket = "b", kms_key_arn = "alias/x" }, silver = { bucket = "s", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }, gold = { bucket = "g", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" } }
    # readers of the files of tables
    file_readers = { silver = ["data_engineers"] }
    # schemas with hyphens
    schemas = { "a-b" = { zone = "gold", comment = "x" }, quality = { zone = "silver", comment = "x" } }
  }
  expect_failures = [var.file_readers, var.lake, var.schemas]
}

# What depends on zones or schemas is not looked at while these are refused.
run "refuses_folders_without_a_slash" {
  command = plan
  variables {
    zones = { bronze = { read_only = true, folders = ["polygon"], comment = "x" }, silver = { comment = "x" }, gold = { comment = "x" } }
  }
  expect_failures = [var.zones]
}

run "refuses_folders_of_what_is_written" {
  command = plan
  variables {
    zones = { bronze = { read_only = true, folders = ["polygon/"], comment = "x" }, silver = { folders = ["a/"], comment = "x" }, gold = { comment = "x" } }
  }
  expect_failures = [var.zones]
}

run "refuses_the_name_of_what_is_written_for_what_is_read_only" {
  command = plan
  variables {
    zones = { tables = { read_only = true, comment = "x" }, bronze = { read_only = true, comment = "x" }, silver = { comment = "x" }, gold = { comment = "x" } }
  }
  expect_failures = [var.zones]
}

run "refuses_places_in_what_is_read_only" {
  command = plan
  variables {
    place_schemas = { sandbox = { zone = "bronze", comment = "x", make = [], read = [] } }
  }
  expect_failures = [var.place_schemas]
}

run "refuses_places_that_are_the_pipelines_schemas" {
  command = plan
  variables {
    place_schemas = { quality = { zone = "silver", comment = "x", make = [], read = [] } }
  }
  expect_failures = [var.place_schemas]
}

run "refuses_places_that_there_are_not" {
  command = plan
  variables {
    places = { gold = { makers = ["analysts"] } }
  }
  expect_failures = [var.places]
}

run "refuses_makers_who_are_readers_too" {
  command = plan
  variables {
    places = { models = { makers = ["analysts"], readers = ["analysts"] } }
  }
  expect_failures = [var.places]
}
