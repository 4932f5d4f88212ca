# What AWS would answer to the roots' tests: ARNs where a validation asks for one.
mock_resource "aws_kms_key" {
  defaults = {
    arn    = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
    key_id = "00000000-0000-4000-8000-000000000000"
  }
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

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:us-east-1:111111111111:x", url = "https://sqs.us-east-1.amazonaws.com/111111111111/x" }
}

# One document for whichever stack's parameter is read; tests/terraform/test_layout.py holds readers and publishers to
# the same keys. Functions are not allowed here, so it is JSON as it lies in the parameter.
mock_data "aws_ssm_parameter" {
  defaults = {
    insecure_value = <<-JSON
      {
        "kms_key_arn": "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001",
        "innovation_boundary_arn": "arn:aws:iam::111111111111:policy/platform_development/anthill-dev-innovation-boundary",
        "platform_boundary_arn": "arn:aws:iam::111111111111:policy/platform_development/anthill-dev-platform-boundary",
        "vpc_id": "vpc-0123456789abcdef0",
        "private_subnet_ids": ["subnet-1", "subnet-2", "subnet-3"],
        "databricks_subnet_ids": ["subnet-4", "subnet-5", "subnet-6"],
        "mwaa_security_group_id": "sg-1",
        "databricks_security_group_id": "sg-2",
        "endpoints_security_group_id": "sg-3",
        "nat_gateway_ids": {"us-east-1a": "nat-0123456789abcdef0"},
        "flow_log_group": "/anthill-dev/vpc-flow",
        "bronze_bucket": "anthill-dev-bronze",
        "bronze_folders": ["drop/", "files/", "polygon/", "polygon_stream/", "postgres/"],
        "personal_bucket": "anthill-dev-personal",
        "documents_bucket": "anthill-dev-documents",
        "drop_bucket": "anthill-dev-drop",
        "drop_queue_url": "https://sqs.us-east-1.amazonaws.com/111111111111/anthill-dev-drop",
        "drop_queue": "anthill-dev-drop",
        "silver_bucket": "anthill-dev-silver",
        "gold_bucket": "anthill-dev-gold",
        "access_log_bucket": "anthill-dev-access-logs",
        "polygon_connection_arn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:anthill/dev/connections/polygon_default-AbCdEf",
        "workflow_topic_arn": "arn:aws:sns:us-east-1:111111111111:anthill-dev-workflows",
        "alert_topic_arn": "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts",
        "notice_topic_arn": "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices",
        "databricks_account_id": "00000000-0000-4000-8000-000000000000",
        "policy_ids": {"engineering": "0123456789ABCDEF", "science": "0123456789ABCDEA"},
        "catalog": "dev",
        "workspace_id": "1234567890",
        "host": "anthill-dev.cloud.databricks.com",
        "application_ids": {"pipeline": "00000000-0000-4000-8000-00000000000a", "bundle": "00000000-0000-4000-8000-00000000000d", "drift": "00000000-0000-4000-8000-00000000000c"}
      }
    JSON
  }
}
