output "host_name" {
  description = "The tag Name of the host, where there is one: whoever opens the way finds it by that."
  value       = var.kind == "ssm" ? local.host_name : null
}

output "policy_json" {
  description = "The host's policy as rendered."
  value       = local.host_json
}
