mock_provider "aws" {
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts" }
  }
  mock_resource "aws_cloudwatch_metric_alarm" {
    defaults = { arn = "arn:aws:cloudwatch:us-east-1:111111111111:alarm:anthill-dev-x" }
  }
}

variables {
  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  environment        = "dev"
  mwaa_name          = "anthill-dev"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  emails             = { alerts = ["a@example.com", "b@example.com"], notices = ["a@example.com"] }
  workflow_emails    = { failure = ["a@example.com", "b@example.com"], success = ["b@example.com"] }
  bronze_bucket      = "anthill-dev-bronze"
  personal_bucket    = "anthill-dev-personal"
  documents_bucket   = "anthill-dev-documents"
  drop_queue         = "anthill-dev-drop"
  nat_gateway_ids    = { us-east-1a = "nat-0a", us-east-1b = "nat-0b" }
  flow_log_group     = "/anthill-dev/vpc-flow"
  monthly_budget_usd = 900
}

run "somebody_is_told" {
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : length(alarm.alarm_actions) == 1 && length(alarm.alarm_description) > 20])
    error_message = "an alarm tells nobody, or not what to do"
  }
  assert {
    condition     = length(aws_sns_topic_subscription.email) == 3
    error_message = "an address gets nothing"
  }
  assert {
    condition     = { for email, one in aws_sns_topic_subscription.workflow : email => jsondecode(one.filter_policy).result } == { "a@example.com" = ["failure"], "b@example.com" = ["failure", "success"] }
    error_message = "an address is told of other results of workflows than it asked for"
  }
  assert {
    condition     = { for name, topic in aws_sns_topic_policy.this : name => [for s in jsondecode(topic.policy).Statement : s.Sid] } == { alerts = ["AlarmsAndBudgets", "TlsOnly"], notices = ["AlarmsAndBudgets", "TlsOnly"], workflows = ["TlsOnly"] }
    error_message = "another than who may publishes to a topic"
  }
  assert {
    condition     = alltrue([for topic in aws_sns_topic.this : topic.kms_master_key_id == var.kms_key_arn])
    error_message = "a topic is not encrypted"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["scheduler-silent"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["nothing-landed"].treat_missing_data == "breaching"
    error_message = "silence would pass as health"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.period * alarm.evaluation_periods <= 7 * 86400])
    error_message = "an alarm looks back further than CloudWatch does"
  }
}

run "the_network_is_watched" {
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.dimensions.NatGatewayId if alarm.namespace == "AWS/NATGateway" && alarm.metric_name == "ErrorPortAllocation" } == { nat-ports-us-east-1a = "nat-0a", nat-ports-us-east-1b = "nat-0b" }
    error_message = "a gateway runs out of ports unnoticed"
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.rejected_flows.log_group_name == "/anthill-dev/vpc-flow" && length(split(",", aws_cloudwatch_log_metric_filter.rejected_flows.pattern)) == 14
    error_message = "a flow of the default format, which has 14 fields, is not counted"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rejected-flows"].metric_name == aws_cloudwatch_log_metric_filter.rejected_flows.metric_transformation[0].name && aws_cloudwatch_metric_alarm.this["rejected-flows"].namespace == aws_cloudwatch_log_metric_filter.rejected_flows.metric_transformation[0].namespace
    error_message = "the alarm looks at another metric than the filter writes"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rejected-flows"].threshold >= 24 && aws_cloudwatch_metric_alarm.this["rejected-flows"].period == 3600
    error_message = "a flow or two are told, and not dozens in an hour"
  }
}

run "an_account_without_gateways" {
  command = plan
  variables {
    nat_gateway_ids = {}
  }
  assert {
    condition     = length([for name in keys(aws_cloudwatch_metric_alarm.this) : name if startswith(name, "nat-ports")]) == 0
    error_message = "an alarm watches a gateway that is not there"
  }
}

run "all_buckets_count_their_requests" {
  assert {
    condition     = toset([for metric in [aws_s3_bucket_metric.bronze, aws_s3_bucket_metric.personal, aws_s3_bucket_metric.documents] : "${metric.bucket} ${metric.name}"]) == toset([for alarm in aws_cloudwatch_metric_alarm.this : "${alarm.dimensions.BucketName} ${alarm.dimensions.FilterId}" if alarm.metric_name == "5xxErrors"])
    error_message = "an alarm looks at a metric that S3 does not make"
  }
}

run "dropped_files_are_watched" {
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.dimensions.QueueName if alarm.namespace == "AWS/SQS" } == { drop-unheard = "anthill-dev-drop", drop-dead-letters = "anthill-dev-drop-dead" }
    error_message = "messages grow old, or lie dead, unnoticed"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["drop-unanswered"].threshold >= 4 * 900 && aws_cloudwatch_metric_alarm.this["drop-unanswered"].statistic == "Maximum"
    error_message = "a file that waits for its sweep is told, or the longest wait is not looked at"
  }
}

run "logs_have_an_end" {
  assert {
    condition     = toset([for g in aws_cloudwatch_log_group.airflow : g.name]) == toset([for k in ["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"] : "airflow-anthill-dev-${k}"])
    error_message = "MWAA would make a log group without retention"
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.airflow : g.retention_in_days == 365 && g.kms_key_id == var.kms_key_arn])
    error_message = "a log is kept for ever, or in the clear"
  }
}

run "the_budget_counts_one_environment" {
  assert {
    condition     = one(aws_budgets_budget.this.cost_filter).values == tolist(["user:environment$dev"]) && aws_budgets_budget.this.limit_amount == "900"
    error_message = "the budget does not follow the tag"
  }
  assert {
    condition     = length(aws_budgets_budget.this.notification) == 3
    error_message = "a notice of the budget is missing"
  }
}

run "refuses_what_is_no_address" {
  command = plan
  variables {
    emails          = { alerts = ["nobody"] }
    workflow_emails = { failure = ["nobody"] }
  }
  expect_failures = [var.emails, var.workflow_emails]
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
    # names that are no environment's
    environment = "Test!"
    # unknown topics
    emails = { pagers = ["a@example.com"] }
    # unknown results
    workflow_emails = { cancelled = ["a@example.com"] }
    # odd retention
    log_retention_days = 100
    # looking back too far
    silent_days = 10
    # no budget
    monthly_budget_usd = 0
    # an alias as key
    kms_key_arn = "alias/anthill"
    # a bucket's name that is none
    bronze_bucket    = "Logs_Here"
    documents_bucket = "Documents_Here"
    drop_queue       = "a.fifo"
    personal_bucket  = "People_Here"
    # a gateway that is none
    nat_gateway_ids = { us-east-1a = "igw-1" }
    # a group's name with a space
    flow_log_group = "flow logs"
    # a name with a space
    mwaa_name = "1 environment"
  }
  expect_failures = [var.account_id, var.bronze_bucket, var.documents_bucket, var.drop_queue, var.emails, var.environment, var.flow_log_group, var.kms_key_arn, var.log_retention_days, var.monthly_budget_usd, var.mwaa_name, var.name, var.nat_gateway_ids, var.personal_bucket, var.region, var.silent_days, var.workflow_emails]
}
