variable "repository" {
  description = "GitHub repository whose workflows deploy, as owner/name."
  type        = string
}

variable "create_oidc_provider" {
  description = "Make GitHub's OIDC provider; an account holds one."
  type        = bool
  default     = true
}

variable "state_bucket" {
  description = "Bucket of the states, an output of bootstrap."
  type        = string
}

variable "state_kms_key_arn" {
  description = "Key of the states, an output of bootstrap."
  type        = string
}
