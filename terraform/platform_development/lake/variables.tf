variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      lake = object({
        # Days until raw answers go to colder storage.
        bronze_colder_days = number
        # Days for which no version of a raw answer can be deleted (object lock). Null: none. Fixed at creation.
        bronze_lock_days = optional(number)
        # Days for which a file that somebody dropped is kept; what came of it stays.
        dropped_days = optional(number, 90)
        # Who drops files, by owner of datasets with `source: drop`: ARNs of roles of the account with stars, such as that of a
        # permission set. Each owner gets a role, <prefix>-<env>-drop-<owner>.
        droppers = optional(map(set(string)), {})
        # Days for which access logs are kept.
        access_log_days = number
      })
    })
  })
}
