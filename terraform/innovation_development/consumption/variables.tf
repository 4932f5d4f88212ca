variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    innovation_development = object({
      consumption = object({
        # Roles of people who may ask gold by Athena, as ARNs with stars.
        analysts = optional(set(string), [])
        # Gigabytes that one query may scan.
        scan_limit_gb = number
        # Whether Airflow enters tables in Glue and runs kept queries; the same as of the stack mwaa.
        pipeline = optional(bool, false)
        # Gigabytes that one kept query may scan.
        pipeline_scan_limit_gb = optional(number, 10)
        # Days for which query results are kept.
        result_days = number
      })
    })
  })
}
