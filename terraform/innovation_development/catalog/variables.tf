variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      catalog = object({
        # Privileges on the catalog by account group.
        group_privileges = map(list(string))
      })
    })
  })
}
