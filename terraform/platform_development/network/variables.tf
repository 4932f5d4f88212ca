variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      network = object({
        # Availability zones, three as a rule.
        zones = list(string)
        # Address range of the VPC.
        cidr = string
        # A range a zone for each kind of subnet.
        subnets = object({
          private    = list(string)
          databricks = list(string)
          public     = list(string)
        })
        # The way out: nat_single, nat_per_zone or endpoints.
        egress = string
        # What Airflow reaches beside HTTPS, by a name: a range of addresses and a port, as 5432 or 22.
        sources = optional(map(object({ cidr = string, port = number })), {})
        # Days for which flow logs are kept.
        log_retention_days = number
        # How people reach a private Airflow: none, ssm (`make ui`) or transit_gateway.
        access = optional(string, "none")
        # The gateway, and the ranges behind it from which people come.
        transit_gateway = optional(object({ id = string, cidrs = list(string) }))
      })
    })
  })
}
