"""A Databricks workspace for one machine: Jobs, SQL statements and Unity Catalog over HTTP, notebooks on Sail."""
