terraform {
  required_version = ">= 1.11.0, < 2.0.0"

  required_providers {
    databricks = {
      source  = "databricks/databricks"
      version = ">= 1.138.0, < 2.0.0"
    }
  }
}
