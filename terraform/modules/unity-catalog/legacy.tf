# What goes round Unity Catalog is off: the workspace's own Hive metastore, files of DBFS and its mounts, old runtimes.
# The default catalog first: without it a workspace falls back to hive_metastore, which is no longer there.
resource "databricks_default_namespace_setting" "this" {
  namespace {
    value = databricks_catalog.this.name
  }
}

resource "databricks_disable_legacy_access_setting" "this" {
  disable_legacy_access {
    value = true
  }

  depends_on = [databricks_default_namespace_setting.this]
}

resource "databricks_disable_legacy_dbfs_setting" "this" {
  disable_legacy_dbfs {
    value = true
  }
}
