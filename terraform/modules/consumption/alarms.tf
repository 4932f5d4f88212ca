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
