output "alarm_names" {
  description = "Names of the alarms."
  value       = module.monitoring.alarm_names
}
