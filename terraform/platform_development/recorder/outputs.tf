output "cluster" {
  description = "Name of the cluster and of the repository of images."
  value       = module.recorder.cluster
}

output "policy_json" {
  description = "Policies of what starts a task (start) and of the recorder (record), as rendered."
  value       = module.recorder.policy_json
}
