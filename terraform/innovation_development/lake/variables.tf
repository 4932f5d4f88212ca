variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      lake = object({
        # Days for which replaced and deleted files of Delta tables can be brought back.
        noncurrent_days = number
        # Days for which access logs are kept.
        access_log_days = number
      })
    })
  })
}
