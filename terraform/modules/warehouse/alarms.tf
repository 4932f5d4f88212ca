locals {
  of_warehouses = {
    warehouse-full = {
      text   = "AWS/RDS: the warehouse has less than 2 GiB of its disk left, though it grows by itself, or does not run at all: loads fail."
      metric = "FreeStorageSpace", statistic = "Minimum", period = 300, periods = 3
      than   = "LessThanThreshold", threshold = 2 * 1024 * 1024 * 1024, missing = "breaching", topic = "alerts"
    }
    warehouse-crowded = {
      text   = "AWS/RDS: over ${var.connections_noticed} connections to the warehouse at once, of which a load takes one: at its limit the next is refused."
      metric = "DatabaseConnections", statistic = "Maximum", period = 300, periods = 3
      than   = "GreaterThanThreshold", threshold = var.connections_noticed, missing = "notBreaching", topic = "notices"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.of_warehouses

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.than
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.topic_arns[each.value.topic]]
  ok_actions          = [var.topic_arns[each.value.topic]]
}
