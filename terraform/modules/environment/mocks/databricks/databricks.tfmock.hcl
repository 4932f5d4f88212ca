# Policy documents that the Databricks provider would write: valid, and empty.
mock_data "databricks_aws_assume_role_policy" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_data "databricks_aws_crossaccount_policy" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_data "databricks_aws_bucket_policy" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

mock_data "databricks_aws_unity_catalog_assume_role_policy" {
  defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
}

# Ids where a validation asks for one.
mock_data "databricks_service_principal" {
  defaults = { id = "1234567890", application_id = "00000000-0000-4000-8000-00000000000e" }
}
