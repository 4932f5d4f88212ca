locals {
  schemas = merge(var.schemas, { for name, place in var.place_schemas : name => { zone = place.zone, comment = place.comment } if contains(keys(var.places), name) })

  # A location a folder, by its name: that of the zone where the zone has the whole bucket.
  locations = merge([
    for zone, given in var.zones : {
      for folder in given.folders : join("-", compact([zone, trimsuffix(folder, "/")])) => { zone = zone, folder = folder }
    }
  ]...)
}

resource "databricks_external_location" "this" {
  for_each        = local.locations
  name            = "${var.name}-${each.key}"
  url             = "s3://${var.lake[each.value.zone].bucket}/${each.value.folder}"
  credential_name = databricks_storage_credential.this[var.zones[each.value.zone].read_only ? each.value.zone : local.written].name
  read_only       = var.zones[each.value.zone].read_only
  # Nothing has landed yet: a location that may not write is checked by reading, and refused over an empty prefix.
  skip_validation = var.zones[each.value.zone].read_only
  isolation_mode  = "ISOLATION_MODE_ISOLATED"
  comment         = var.zones[each.value.zone].comment

  depends_on = [time_sleep.iam]
}

resource "databricks_catalog" "this" {
  name           = var.catalog
  comment        = "Market data of the environment ${var.catalog}"
  storage_root   = databricks_external_location.this[var.catalog_zone].url
  isolation_mode = "ISOLATED"
  force_destroy  = false
}

resource "databricks_workspace_binding" "catalog" {
  securable_name = databricks_catalog.this.name
  securable_type = "catalog"
  workspace_id   = var.workspace_id
}

resource "databricks_workspace_binding" "location" {
  for_each       = local.locations
  securable_name = databricks_external_location.this[each.key].name
  securable_type = "external_location"
  workspace_id   = var.workspace_id
  # Only catalogs can be bound for reading; what a zone admits, its location and its credential say.
  binding_type = "BINDING_TYPE_READ_WRITE"
}

resource "databricks_workspace_binding" "credential" {
  for_each       = local.access
  securable_name = databricks_storage_credential.this[each.key].name
  securable_type = "storage_credential"
  workspace_id   = var.workspace_id
}

resource "databricks_schema" "this" {
  for_each      = local.schemas
  catalog_name  = databricks_catalog.this.name
  name          = each.key
  comment       = each.value.comment
  storage_root  = "${databricks_external_location.this[each.value.zone].url}${each.key}"
  owner         = var.pipeline_principal
  force_destroy = false

  depends_on = [databricks_workspace_binding.catalog, databricks_workspace_binding.location]
}

resource "databricks_volume" "this" {
  for_each     = var.volumes
  catalog_name = databricks_catalog.this.name
  schema_name  = databricks_schema.this[split(".", each.key)[0]].name
  name         = split(".", each.key)[1]
  volume_type  = "MANAGED"
  comment      = each.value
}

resource "databricks_grants" "catalog" {
  catalog = databricks_catalog.this.name

  grant {
    principal  = var.pipeline_principal
    privileges = ["USE_CATALOG", "USE_SCHEMA", "BROWSE", "CREATE_SCHEMA"] # schemas of rebuilds as of a moment
  }

  # Grants are shown to who manages what they are on; by hand it would be taken again, for this list is the whole one.
  dynamic "grant" {
    for_each = toset(var.drift_principal == null ? [] : [var.drift_principal])
    content {
      principal  = grant.key
      privileges = ["USE_CATALOG", "USE_SCHEMA", "BROWSE", "MANAGE"]
    }
  }

  dynamic "grant" {
    for_each = toset(values(var.model_makers))
    content {
      principal  = grant.key
      privileges = ["USE_CATALOG"]
    }
  }

  dynamic "grant" {
    for_each = var.group_privileges
    content {
      principal  = grant.key
      privileges = grant.value
    }
  }
}

resource "databricks_grants" "place" {
  for_each = { for name, given in var.places : name => given if length(concat(given.makers, given.readers)) > 0 }
  schema   = databricks_schema.this[each.key].id

  dynamic "grant" {
    for_each = toset(concat(each.value.makers, each.value.readers))
    content {
      principal  = grant.key
      privileges = concat(["USE_SCHEMA"], var.place_schemas[each.key].read, contains(each.value.makers, grant.key) ? var.place_schemas[each.key].make : [])
    }
  }
}

# Who deploys makes the models that the pipeline trains. Not `databricks_grants`: readers of these schemas are the pipeline's to grant.
resource "databricks_grant" "model_maker" {
  for_each   = var.model_makers
  schema     = databricks_schema.this[each.key].id
  principal  = each.value
  privileges = ["USE_SCHEMA", "CREATE_MODEL"]
}

resource "databricks_grants" "location" {
  for_each          = local.locations
  external_location = databricks_external_location.this[each.key].id

  grant {
    principal  = var.pipeline_principal
    privileges = concat(["READ_FILES"], var.zones[each.value.zone].read_only ? [] : ["WRITE_FILES"])
  }

  dynamic "grant" {
    for_each = toset(lookup(var.file_readers, each.value.zone, []))
    content {
      principal  = grant.key
      privileges = ["READ_FILES"]
    }
  }
}

# As in modules/bucket: protection cannot be a variable of prevent_destroy.
resource "terraform_data" "deletion_guard" {
  count = var.deletion_protection ? 1 : 0
  triggers_replace = concat(
    [databricks_catalog.this.id],
    [for s in databricks_schema.this : s.id],
    [for l in databricks_external_location.this : l.id],
  )

  lifecycle {
    prevent_destroy = true
  }
}
