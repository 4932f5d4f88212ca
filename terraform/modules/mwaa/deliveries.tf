# A delivery that worked leaves a record (delivery/history.py): S3 counts them.
resource "aws_s3_bucket_metric" "deliveries" {
  bucket = module.bucket.name
  name   = "deliveries"

  filter {
    prefix = "deliveries/"
  }
}

resource "aws_cloudwatch_metric_alarm" "nothing_delivered" {
  alarm_name          = "${var.name}-nothing-delivered"
  alarm_description   = "No delivery worked for a week, which is as far as CloudWatch looks back: changes reach nobody, or there are none. Look at the workflow Deliver."
  namespace           = "AWS/S3"
  metric_name         = "PutRequests"
  dimensions          = { BucketName = module.bucket.name, FilterId = aws_s3_bucket_metric.deliveries.name }
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 7
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = compact([lookup(var.topic_arns, "notice", "")])
  ok_actions          = compact([lookup(var.topic_arns, "notice", "")])
}
