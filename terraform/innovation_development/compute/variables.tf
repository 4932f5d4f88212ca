variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      compute = object({
        # The analysts' SQL warehouse.
        warehouse = object({
          size         = string
          max_clusters = number
          stop_minutes = number
          user_groups  = optional(list(string), ["analysts", "data_engineers", "data_scientists"])
        })
        # Policies for interactive clusters by name.
        cluster_policies = map(object({
          node_types   = list(string)
          max_workers  = number
          stop_minutes = optional(number, 20)
          max_dbus     = number
          user_group   = string
        }))
        # What the team may spend on Databricks a month, in US dollars of list price, and who is told at 80 and 100 %.
        budget = object({
          monthly_usd = number
          emails      = list(string)
        })
      })
    })
  })
}
