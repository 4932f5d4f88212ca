output "cluster" {
  description = "Name of the cluster and of the repository of images."
  value       = module.recorder.cluster
}
