mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000", key_id = "00000000-0000-4000-8000-000000000000" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:111111111111:log-group:/aws/cloudtrail/anthill-dev" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/anthill-dev-trail" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111111111111:anthill-dev-trail" }
  }
}

variables {
  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  watched_buckets    = ["anthill-dev-bronze", "anthill-dev-documents", "anthill-dev-personal", "anthill-dev-terraform-state"]
  bronze_bucket      = "anthill-dev-bronze"
  personal_bucket    = "anthill-dev-personal"
  documents_bucket   = "anthill-dev-documents"
  access_log_bucket  = "anthill-dev-terraform-state-logs"
  connections_prefix = "anthill/dev"
  reader_role        = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-mwaa"
  workflow_roles     = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-deploy-*"
  team_paths         = ["/innovation_development/", "/platform_development/"]
  emails             = ["security@example.com"]

  deletion_protection = false
}

run "what_happens_is_recorded_and_stays" {
  assert {
    condition     = aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events && aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.kms_key_id == aws_kms_key.this.arn
    error_message = "a region, IAM, an altered file or a reader would go unnoticed"
  }
  assert {
    condition     = aws_cloudtrail.this.cloud_watch_logs_group_arn == "${aws_cloudwatch_log_group.this.arn}:*" && aws_cloudwatch_log_group.this.retention_in_days == 365
    error_message = "no alarm sees the events"
  }
  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 2 && toset(flatten([for s in aws_cloudtrail.this.advanced_event_selector : [for f in s.field_selector : f.starts_with if f.field == "resources.ARN"]])) == toset(["arn:aws:s3:::anthill-dev-bronze/", "arn:aws:s3:::anthill-dev-documents/", "arn:aws:s3:::anthill-dev-personal/", "arn:aws:s3:::anthill-dev-terraform-state/"])
    error_message = "the objects of a watched bucket are not recorded"
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.analyser.template_body).Resources.Analyser == { Type = "AWS::AccessAnalyzer::Analyzer", Properties = { AnalyzerName = "anthill-dev", Type = "ACCOUNT" } }
    error_message = "nobody looks for what others can reach"
  }
}

run "somebody_is_told" {
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.silent]) : alarm.alarm_actions == toset([aws_sns_topic.this.arn]) && length(alarm.alarm_description) > 40])
    error_message = "an alarm tells nobody, or not what to do"
  }
  assert {
    condition     = alltrue([for name, filter in aws_cloudwatch_log_metric_filter.this : length(filter.pattern) <= 1024 && aws_cloudwatch_metric_alarm.this[name].metric_name == filter.metric_transformation[0].name])
    error_message = "a pattern is longer than CloudWatch takes, or its alarm looks at another metric"
  }
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => "${alarm.threshold} in ${alarm.period}" if alarm.threshold != 0 || alarm.period != 300 } == { bronze-denied = "20 in 3600", personal-denied = "20 in 3600", documents-denied = "20 in 3600" }
    error_message = "each refusal is told, or one deletion alone is not"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.silent.treat_missing_data == "breaching"
    error_message = "a stopped trail would pass as quiet"
  }
  assert {
    condition     = toset(keys(aws_sns_topic_subscription.email)) == toset(["security@example.com"]) && aws_sns_topic.this.kms_master_key_id == aws_kms_key.this.arn
    error_message = "nobody gets the alarms, or they lie in the clear"
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
    # nothing to watch
    watched_buckets = []
    # buckets' names that are none
    bronze_bucket     = "Bronze_Here"
    documents_bucket  = "Documents_Here"
    personal_bucket   = "People_Here"
    access_log_bucket = "Logs_Here"
    # a slash at the end
    connections_prefix = "anthill/dev/"
    # roles that are none
    reader_role    = "anthill-dev-mwaa"
    workflow_roles = "*"
    # a path without slashes
    team_paths = ["platform"]
    # nobody
    emails = []
    # a month
    kept_days = 30
  }
  expect_failures = [var.access_log_bucket, var.account_id, var.bronze_bucket, var.documents_bucket, var.emails, var.kept_days, var.name, var.personal_bucket, var.region, var.reader_role, var.connections_prefix, var.team_paths, var.watched_buckets, var.workflow_roles]
}
