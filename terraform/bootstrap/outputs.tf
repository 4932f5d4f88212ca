output "state_bucket" {
  description = "Bucket of the states: for state.tfbackend and the security stack."
  value       = module.states.name
}

output "state_kms_key_arn" {
  description = "Key of the states: for the security stack."
  value       = aws_kms_key.state.arn
}

output "trail_bucket" {
  description = "Bucket of what happened in the account; null where the organisation records it."
  value       = one(module.trail[*].bucket)
}
