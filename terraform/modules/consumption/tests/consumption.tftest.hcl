mock_provider "aws" {}

variables {
  name                = "anthill-dev"
  account_id          = "111111111111"
  region              = "us-east-1"
  zone                = { bucket = "anthill-dev-gold", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  topic_arn           = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  access_log_bucket   = "anthill-dev-innovation-logs"
  deletion_protection = false
}

run "queries_are_bounded_and_encrypted" {
  assert {
    condition     = aws_athena_workgroup.this.configuration[0].bytes_scanned_cutoff_per_query == 10 * 1024 * 1024 * 1024 && aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration
    error_message = "a query may scan without end"
  }
  assert {
    condition     = aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn == var.zone.kms_key_arn
    error_message = "results are not encrypted by the key"
  }
  assert {
    condition     = length(aws_iam_role.analyst) == 0
    error_message = "a role that nobody may take is made"
  }
  assert {
    condition     = length(aws_iam_role.pipeline) + length(aws_athena_workgroup.pipeline) == 0
    error_message = "the pipeline has a role where nobody named Airflow's"
  }
}

run "a_failure_is_told" {
  assert {
    condition     = toset([for query in aws_cloudwatch_metric_alarm.queries_cancelled.metric_query : "${query.metric[0].dimensions.WorkGroup} ${query.metric[0].dimensions.QueryState} ${query.metric[0].stat}" if length(query.metric) > 0]) == toset(["anthill-dev-analysts CANCELED SampleCount", "anthill-dev-analysts CANCELLED SampleCount"])
    error_message = "cancelled queries of the workgroup are not counted"
  }
  assert {
    condition     = aws_athena_workgroup.this.configuration[0].publish_cloudwatch_metrics_enabled
    error_message = "the workgroup makes no metrics"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.queries_cancelled.alarm_actions == toset([var.topic_arn]) && aws_cloudwatch_metric_alarm.queries_cancelled.treat_missing_data == "notBreaching" && length(aws_cloudwatch_metric_alarm.queries_cancelled.alarm_description) > 40
    error_message = "an alarm tells nobody, or not what to do"
  }
}

run "analysts_take_their_role_and_nobody_else_does" {
  variables {
    analysts = ["arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_analysts_*"]
  }
  assert {
    condition     = jsondecode(aws_iam_role.analyst[0].assume_role_policy).Statement[0].Condition.ArnLike["aws:PrincipalArn"] == ["arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_analysts_*"]
    error_message = "whoever is in the account may take the analyst's role"
  }
  assert {
    condition     = aws_iam_role_policy.analyst[0].policy == output.analyst_json
    error_message = "the role has another policy than what is tested"
  }
}

run "airflow_keeps_gold_readable_within_a_limit" {
  variables {
    airflow_role_arn       = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa"
    pipeline_scan_limit_gb = 3
    queries                = { forex_pairs = "SELECT 1 WHERE CAST({market_date} AS DATE) IS NOT NULL" }
  }
  assert {
    condition     = aws_athena_workgroup.pipeline[0].configuration[0].bytes_scanned_cutoff_per_query == 3 * 1024 * 1024 * 1024 && aws_athena_workgroup.pipeline[0].configuration[0].enforce_workgroup_configuration
    error_message = "a kept query may scan without end"
  }
  assert {
    condition     = jsondecode(aws_iam_role.pipeline[0].assume_role_policy).Statement[0].Condition.ArnEquals["aws:PrincipalArn"] == var.airflow_role_arn
    error_message = "whoever is in the account may take the pipeline's role"
  }
  assert {
    condition     = aws_iam_role_policy.pipeline[0].policy == output.pipeline_json && aws_athena_workgroup.pipeline[0].configuration[0].result_configuration[0].encryption_configuration[0].kms_key_arn == var.zone.kms_key_arn
    error_message = "the role has another policy than what is tested, or results are not encrypted by the key"
  }
  assert {
    condition     = aws_athena_named_query.kept["forex_pairs"].query == "SELECT 1 WHERE CAST(? AS DATE) IS NOT NULL"
    error_message = "a person cannot give the day"
  }
  assert {
    condition     = [for s in jsondecode(output.pipeline_json).Statement : [s.Action, s.Resource] if s.Sid == "Versions"] == [[["s3:PutObject"], ["arn:aws:s3:::anthill-dev-gold/warehouse/*"]]]
    error_message = "versions of a star cannot be written, or may be taken away"
  }
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
    # no limit
    scan_limit_gb          = 0
    pipeline_scan_limit_gb = 0
    # a query without a name
    queries = { "" = "SELECT 1" }
    # a role that is none
    airflow_role_arn = "airflow"
    # endless results
    result_days = 1000
    # an alias as key
    zone = { bucket = "anthill-dev-gold", kms_key_arn = "alias/x" }
    # paths without slashes
    iam_path = "innovation"
    # a bucket's name that is none
    access_log_bucket = "Logs_Here"
    # a topic that is none
    topic_arn = "notices"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.access_log_bucket, var.account_id, var.airflow_role_arn, var.iam_path, var.name, var.permissions_boundary_arn, var.pipeline_scan_limit_gb, var.queries, var.region, var.result_days, var.scan_limit_gb, var.topic_arn, var.zone]
}

run "somebody_else_s_zone" {
  variables {
    zone = { name = "curated-2", bucket = "weather-curated-2", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  }
  assert {
    condition     = output.database == "anthill_dev_curated_2" && strcontains(output.pipeline_json, "database/anthill_dev_curated_2") && strcontains(output.analyst_json, "database/anthill_dev_curated_2")
    error_message = "the zone has a name that cannot be chosen, or its readers do not reach its database"
  }
}

run "refuses_zones_that_no_database_is_named_after" {
  command = plan
  variables {
    zone = { name = "Gold!", bucket = "anthill-dev-gold", kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
  }
  expect_failures = [var.zone]
}

run "refuses_whoever_has_a_role" {
  command = plan
  variables {
    # all of the account
    analysts = ["arn:aws:iam::111111111111:role/*"]
  }
  expect_failures = [var.analysts]
}
