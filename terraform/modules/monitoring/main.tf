locals {
  # MWAA makes these itself where they are missing, and then keeps them for ever.
  log_kinds = ["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"]

  # What the metrics of AWS's services say, when it is too much, and who is told.
  alarms = {
    scheduler-silent = {
      text      = "The scheduler gave no heartbeat for 15 minutes: nothing starts. Look at the log group airflow-${var.mwaa_name}-Scheduler."
      namespace = "AmazonMWAA", metric = "SchedulerHeartbeat", statistic = "Sum", period = 300, periods = 3
      dimension = { Function = "Scheduler", Environment = var.mwaa_name }
      compare   = "LessThanThreshold", threshold = 1, missing = "breaching", topic = "alerts"
    }
    dag-import-errors = {
      text      = "A DAG file or a declaration does not load: the UI names the file, the key and what is allowed."
      namespace = "AmazonMWAA", metric = "ImportErrors", statistic = "Maximum", period = 300, periods = 3
      dimension = { Function = "DAG Processing", Environment = var.mwaa_name }
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "alerts"
    }
    task-failures = {
      text      = "Tasks failed in the last hour: each one's log ends with what failed and what to do."
      namespace = "AmazonMWAA", metric = "TaskInstanceFailures", statistic = "Sum", period = 3600, periods = 1
      dimension = { DAG = "All", Task = "All", Environment = var.mwaa_name }
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "alerts"
    }
    queue-stuck = {
      text      = "Tasks have waited for a worker for half an hour: too few workers, or none comes up."
      namespace = "AmazonMWAA", metric = "QueuedTasks", statistic = "Minimum", period = 300, periods = 6
      dimension = { Function = "Executor", Environment = var.mwaa_name }
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "notices"
    }
    worker-memory = {
      text      = "The base worker used over 90 % of its memory for 15 minutes: tasks may be killed. Take a larger class, or fewer tasks a worker."
      namespace = "AWS/MWAA", metric = "MemoryUtilization", statistic = "Average", period = 300, periods = 3
      dimension = { Cluster = "BaseWorker", Environment = var.mwaa_name }
      compare   = "GreaterThanThreshold", threshold = 90, missing = "notBreaching", topic = "notices"
    }
    nothing-landed = {
      text      = "No object reached ${var.bronze_bucket} for ${var.silent_days} days: look at the coverage page for missing market days."
      namespace = "AWS/S3", metric = "PutRequests", statistic = "Sum", period = 86400, periods = var.silent_days
      dimension = { BucketName = var.bronze_bucket, FilterId = "all" }
      compare   = "LessThanThreshold", threshold = 1, missing = "breaching", topic = "alerts"
    }
    bronze-errors = {
      text      = "S3 answered 5xx for ${var.bronze_bucket} for 15 minutes: landing retries, and nothing is lost; see the AWS health page."
      namespace = "AWS/S3", metric = "5xxErrors", statistic = "Sum", period = 300, periods = 3
      dimension = { BucketName = var.bronze_bucket, FilterId = "all" }
      compare   = "GreaterThanThreshold", threshold = 10, missing = "notBreaching", topic = "notices"
    }
    personal-errors = {
      text      = "S3 answered 5xx for ${var.personal_bucket} for 15 minutes: landing retries, and nothing is lost; an erasure waits. See the AWS health page."
      namespace = "AWS/S3", metric = "5xxErrors", statistic = "Sum", period = 300, periods = 3
      dimension = { BucketName = var.personal_bucket, FilterId = "all" }
      compare   = "GreaterThanThreshold", threshold = 10, missing = "notBreaching", topic = "notices"
    }
    documents-errors = {
      text      = "S3 answered 5xx for ${var.documents_bucket} for 15 minutes: what is known of coverage stands still, landing goes on; see the AWS health page."
      namespace = "AWS/S3", metric = "5xxErrors", statistic = "Sum", period = 300, periods = 3
      dimension = { BucketName = var.documents_bucket, FilterId = "all" }
      compare   = "GreaterThanThreshold", threshold = 10, missing = "notBreaching", topic = "notices"
    }
    drop-unanswered = {
      text      = "A dropped file has waited for its answer for over an hour: the DAG drop_zone looks and gets no further. See its last runs."
      namespace = "Anthill", metric = "DropWait", statistic = "Maximum", period = 900, periods = 1
      dimension = {}
      compare   = "GreaterThanThreshold", threshold = 3600, missing = "notBreaching", topic = "alerts"
    }
    drop-unheard = {
      text      = "A message of ${var.drop_queue} is older than 15 minutes: no watcher takes them. Files wait for the sweep, if the DAG drop_zone is on. AWS/SQS tells how many."
      namespace = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", period = 300, periods = 3
      dimension = { QueueName = var.drop_queue }
      compare   = "GreaterThanThreshold", threshold = 900, missing = "notBreaching", topic = "notices"
    }
    drop-dead-letters = {
      text      = "EventBridge could not give a message to ${var.drop_queue}, or nobody deleted it: it lies in ${var.drop_queue}-dead. Of AWS/SQS there; files are found by the sweep."
      namespace = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", period = 300, periods = 1
      dimension = { QueueName = "${var.drop_queue}-dead" }
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "notices"
    }
    rejected-flows = {
      text      = "Security groups refused over three dozen flows in an hour: something goes where it may not, or a rule is missing. Ask the log group ${var.flow_log_group}."
      namespace = "${var.name}/network", metric = "RejectedFlows", statistic = "Sum", period = 3600, periods = 1
      dimension = {}
      compare   = "GreaterThanThreshold", threshold = 36, missing = "notBreaching", topic = "notices"
    }
    nothing-green = {
      text      = "The workflow Unit tests passed on main for no commit of the last week, as far as CloudWatch looks back: main is red, or nobody changed it."
      namespace = "${var.name}/workflows", metric = "Passed", statistic = "Sum", period = 86400, periods = 7
      dimension = { Workflow = "Unit tests" }
      compare   = "LessThanThreshold", threshold = 1, missing = "breaching", topic = "notices"
    }
    alerts-undelivered = {
      text      = "A message of the topic ${var.name}-alerts reached a subscriber in vain: an address is gone, and who should act was not told."
      namespace = "AWS/SNS", metric = "NumberOfNotificationsFailed", statistic = "Sum", period = 3600, periods = 1
      dimension = { TopicName = aws_sns_topic.this["alerts"].name }
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "notices"
    }
  }

  # The same of each gateway: one full of connections is hidden by an idle one beside it.
  of_gateways = {
    nat-ports = {
      text      = "A NAT gateway had no port left for a connection to one address: calls to Polygon.io, Databricks or AWS fail by chance. Look at what runs many calls at once."
      namespace = "AWS/NATGateway", metric = "ErrorPortAllocation", statistic = "Sum", period = 300, periods = 1
      compare   = "GreaterThanThreshold", threshold = 0, missing = "notBreaching", topic = "alerts"
    }
  }
  all_alarms = merge(local.alarms, [for zone, id in var.nat_gateway_ids : {
    for name, alarm in local.of_gateways : "${name}-${zone}" => merge(alarm, { dimension = { NatGatewayId = id } })
  }]...)
}

resource "aws_cloudwatch_log_group" "airflow" {
  # checkov:skip=CKV_AWS_338: the period differs by environment; prod keeps a year and more
  for_each          = toset(local.log_kinds)
  name              = "airflow-${var.mwaa_name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_s3_bucket_metric" "bronze" {
  bucket = var.bronze_bucket
  name   = "all"
}

resource "aws_s3_bucket_metric" "personal" {
  bucket = var.personal_bucket
  name   = "all"
}

resource "aws_s3_bucket_metric" "documents" {
  bucket = var.documents_bucket
  name   = "all"
}

# What the internet sends a NAT gateway is no flow of ours, and accepted in the log: what is rejected, a group of ours refused.
resource "aws_cloudwatch_log_metric_filter" "rejected_flows" {
  name           = "${var.name}-rejected-flows"
  log_group_name = var.flow_log_group
  pattern        = "[version, account, interface, source, destination, source_port, port, protocol, packets, bytes, start, end, action = \"REJECT\", status]"

  metric_transformation {
    name      = local.alarms.rejected-flows.metric
    namespace = local.alarms.rejected-flows.namespace
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.all_alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimension
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.compare
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.this[each.value.topic].arn]
  ok_actions          = [aws_sns_topic.this[each.value.topic].arn]
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.monthly_budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:environment$%s", var.environment)]
  }

  dynamic "notification" {
    for_each = {
      spent-80     = { type = "ACTUAL", percent = 80, topic = "notices" }
      forecast-100 = { type = "FORECASTED", percent = 100, topic = "notices" }
      spent-100    = { type = "ACTUAL", percent = 100, topic = "alerts" }
    }
    content {
      comparison_operator       = "GREATER_THAN"
      notification_type         = notification.value.type
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [aws_sns_topic.this[notification.value.topic].arn]
    }
  }
}
