output "workgroup" {
  description = "Athena workgroup with the scan limit."
  value       = module.consumption.workgroup
}
