output "bucket" {
  description = "Bucket of the recorded files."
  value       = module.bucket.name
}

output "topic_arn" {
  description = "SNS topic of the alarms."
  value       = aws_sns_topic.this.arn
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort(concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name], [aws_cloudwatch_metric_alarm.silent.alarm_name]))
}

output "bucket_policy_json" {
  description = "The bucket's statements as rendered."
  value       = jsonencode({ Version = "2012-10-17", Statement = local.bucket_statements })
}

output "key_json" {
  description = "The key's policy as rendered."
  value       = local.key_json
}

output "patterns" {
  description = "What is looked for in the recorded events, by alarm."
  value       = { for name, watched in local.watched : name => watched.pattern }
}
