# A recorder writes its numbers each minute as lines of which CloudWatch makes metrics (plugins/anthill/recorder/metrics.py).
locals {
  of_classes = {
    recorder-silent = {
      text   = "The recorder has heard nothing for two minutes while its market is open, or does not run at all."
      metric = "StreamSilence", statistic = "Maximum", period = 60, periods = 5
      above  = 120, missing = "breaching", topic = "alerts"
    }
    recorder-refused = {
      text   = "The source refused the recorder for good: a wrong key, or a channel that the plan does not have."
      metric = "StreamRefused", statistic = "Sum", period = 300, periods = 1
      above  = 0, missing = "notBreaching", topic = "alerts"
    }
    recorder-interrupted = {
      text   = "The recorder lost its connection more than four times in a quarter of an hour: each time is a gap."
      metric = "StreamFaults", statistic = "Sum", period = 900, periods = 1
      above  = 4, missing = "notBreaching", topic = "notices"
    }
    recorder-waiting = {
      text   = "The recorder holds over 512 MiB that S3 does not take: look at S3 and at the recorder's rights."
      metric = "StreamSpooled", statistic = "Maximum", period = 300, periods = 3
      above  = 512 * 1024 * 1024, missing = "notBreaching", topic = "alerts"
    }
  }
  alarms = merge([for class in keys(var.classes) : { for name, alarm in local.of_classes : "${name}-${class}" => merge(alarm, { class = class }) }]...)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.text} Asset class: ${each.value.class}. Its log: /${var.name}/recorder; the DAG recorder shows, starts and stops it."
  namespace           = "Anthill"
  metric_name         = each.value.metric
  dimensions          = { AssetClass = each.value.class }
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.topic_arns[each.value.topic]]
  ok_actions          = [var.topic_arns[each.value.topic]]
}
