output "cluster" {
  description = "Name of the cluster; a service in it has the name of its asset class. The repository of images has it, too."
  value       = local.cluster
}

output "policy_json" {
  description = "Policies of what starts a task (start) and of the recorder (record), as rendered."
  value       = local.policy_json
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
