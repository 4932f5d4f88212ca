output "host" {
  description = "Name of the server, which its certificate has, too."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of the server."
  value       = local.port
}

output "database" {
  description = "Name of the database."
  value       = var.database
}

output "master_secret_arn" {
  description = "Secret in which RDS keeps name and password of the administrator: what makes the loader's user, and is not the loader's."
  value       = one(aws_db_instance.this.master_user_secret[*].secret_arn)
}

output "alarm_names" {
  description = "Names of the alarms."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name])
}
