"""Gold for who reads without Databricks: entries in Glue, and kept queries by Athena."""
