output "topic_arns" {
  description = "SNS topics by name: alerts, notices, workflows."
  value       = { for name, topic in aws_sns_topic.this : name => topic.arn }
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}

output "log_groups" {
  description = "Airflow's log groups."
  value       = sort([for group in aws_cloudwatch_log_group.airflow : group.name])
}
