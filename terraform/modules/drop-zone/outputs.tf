output "bucket" {
  description = "Bucket of input/ and output/."
  value       = module.bucket.name
}

output "policy_json" {
  description = "The bucket's policy as rendered."
  value       = module.bucket.policy_json
}

output "queue_url" {
  description = "URL of the queue that Airflow's watcher reads."
  value       = aws_sqs_queue.this["drop"].url
}

output "queue" {
  description = "Name of the queue that rings; what reached nobody lies in the one whose name has -dead behind it."
  value       = "${var.name}-drop"
}

output "event_pattern" {
  description = "Which events ring, as rendered: a local stack rings by the same."
  value       = aws_cloudwatch_event_rule.dropped.event_pattern
}

output "queue_policies" {
  description = "The queues' policies as rendered."
  value       = local.queue_policies
}

output "people_policies" {
  description = "Policies of the roles that drop files, by owner, as rendered."
  value       = local.people_json
}
