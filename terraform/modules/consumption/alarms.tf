# A crawler has no metric, but lines in the group that Glue names after its role, with the path, and its security configuration.
resource "aws_cloudwatch_log_group" "crawler" {
  # checkov:skip=CKV_AWS_338: the period differs by environment; prod keeps a year and more
  name              = "/aws-glue/crawlers-role${aws_iam_role.crawler.path}${aws_iam_role.crawler.name}-${aws_glue_security_configuration.this.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.zone.kms_key_arn
}

resource "aws_cloudwatch_log_metric_filter" "crawler_failed" {
  name           = "${var.name}-crawler-failed"
  log_group_name = aws_cloudwatch_log_group.crawler.name
  pattern        = "ERROR"

  metric_transformation {
    name      = "CrawlerErrors"
    namespace = "${var.name}/crawler"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "crawler_failed" {
  alarm_name          = "${var.name}-crawler-failed"
  alarm_description   = "The crawler wrote an error: Athena sees neither new tables nor new columns. Look at the log group ${aws_cloudwatch_log_group.crawler.name}."
  namespace           = aws_cloudwatch_log_metric_filter.crawler_failed.metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.crawler_failed.metric_transformation[0].name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}

# One that is stopped is somebody's own doing; several an hour are queries over the limit.
resource "aws_cloudwatch_metric_alarm" "queries_cancelled" {
  alarm_name          = "${var.name}-queries-cancelled"
  alarm_description   = "Athena cancelled over two queries in an hour: they scan more than ${var.scan_limit_gb} GB. A filter on the market day is missing, or the limit is too low."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "cancelled"
    label       = "Cancelled queries"
    expression  = "SUM(METRICS())"
    return_data = true
  }

  # AWS's documentation has had both spellings.
  dynamic "metric_query" {
    for_each = { british = "CANCELLED", american = "CANCELED" }
    content {
      id = metric_query.key
      metric {
        namespace   = "AWS/Athena"
        metric_name = "TotalExecutionTime"
        dimensions  = { WorkGroup = aws_athena_workgroup.this.name, QueryType = "DML", QueryState = metric_query.value }
        stat        = "SampleCount"
        period      = 3600
      }
    }
  }
}
