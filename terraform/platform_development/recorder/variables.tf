variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      recorder = object({
        # Asset classes whose stream is recorded, each with cpu and memory of its task; none: nothing runs.
        classes = optional(map(object({ cpu = optional(number, 256), memory = optional(number, 512) })), {})
        # Days for which the recorders' logs are kept.
        log_retention_days = number
      })
    })
  })
}
