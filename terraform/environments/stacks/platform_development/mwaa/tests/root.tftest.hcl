# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000", key_id = "00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/x" }
  }
  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::111111111111:policy/x" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111111111111:x" }
  }
}

override_data {
  target = data.aws_ssm_parameter.security
  values = { insecure_value = "{\"kms_key_arn\": \"arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000\", \"innovation_boundary_arn\": \"arn:aws:iam::111111111111:policy/platform_development/anthill-dev-innovation-boundary\"}" }
}

override_data {
  target = data.aws_ssm_parameter.network
  values = { insecure_value = "{\"vpc_id\": \"vpc-0123456789abcdef0\", \"private_subnet_ids\": [\"subnet-1\", \"subnet-2\", \"subnet-3\"], \"databricks_subnet_ids\": [\"subnet-4\", \"subnet-5\", \"subnet-6\"], \"mwaa_security_group_id\": \"sg-1\", \"databricks_security_group_id\": \"sg-2\", \"endpoints_security_group_id\": \"sg-3\"}" }
}

override_data {
  target = data.aws_ssm_parameter.lake
  values = { insecure_value = "{\"bronze_bucket\": \"anthill-dev-bronze\", \"artifacts_bucket\": \"anthill-dev-artifacts\", \"access_log_bucket\": \"anthill-dev-access-logs\", \"kms_key_arn\": \"arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001\"}" }
}

override_data {
  target = data.aws_ssm_parameter.monitoring
  values = { insecure_value = "{\"alert_topic_arn\": \"arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts\", \"notice_topic_arn\": \"arn:aws:sns:us-east-1:111111111111:anthill-dev-notices\"}" }
}

override_data {
  target = data.aws_ssm_parameter.databricks
  values = { insecure_value = "{\"databricks_account_id\": \"00000000-0000-4000-8000-000000000000\", \"workspace_id\": \"1234567890\", \"host\": \"anthill-dev.cloud.databricks.com\"}" }
}

override_data {
  target = data.aws_ssm_parameter.compute
  values = { insecure_value = "{\"application_ids\": {\"pipeline\": \"00000000-0000-4000-8000-00000000000a\"}, \"warehouse_id\": \"0123456789abcdef\"}" }
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/mwaa" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
  assert {
    condition     = local.published.bucket == "${local.name}-mwaa"
    error_message = "the delivery pipeline does not learn the bucket"
  }
  assert {
    condition     = var.environment != "prod" || var.webserver_access == "PRIVATE_ONLY"
    error_message = "prod's Airflow is reachable from the internet"
  }
}
