variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      security = object({
        # GitHub repository whose workflows deploy, as owner/name; since July 2026 as owner@id/name@id.
        repository = string
        # Make GitHub's OIDC provider; an account holds one.
        create_oidc_provider = optional(bool, true)
        # Bucket of the states, an output of bootstrap.
        state_bucket = string
        # Key of the states, an output of bootstrap.
        state_kms_key_arn = string
      })
    })
  })
}
