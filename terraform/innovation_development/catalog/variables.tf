variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      catalog = object({
        # Privileges on the catalog by account group.
        group_privileges = map(list(string))
        # Schemas where people and training write: who makes what is in them, and who reads it.
        places = map(object({ makers = optional(list(string), []), readers = optional(list(string), []) }))
        # Groups that load silver from bronze's files in runs of their own.
        bronze_readers = optional(list(string), [])
      })
    })
  })
}
