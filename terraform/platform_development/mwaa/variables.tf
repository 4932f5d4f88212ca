variable "stacks" {
  description = "Values of the environment's stacks by team; this one takes its own."
  type = object({
    platform_development = object({
      mwaa = object({
        # Size of the environment, mw1.micro to mw1.2xlarge.
        environment_class = string
        # Workers at least and at most.
        workers = object({ min = number, max = number })
        # Schedulers: 1 on mw1.micro, else 2 to 5.
        schedulers = number
        # Web servers at least and at most.
        webservers = object({ min = number, max = number })
        # Where the UI can be reached from: PRIVATE_ONLY or PUBLIC_ONLY.
        webserver_access = string
        # How the DAGs sign in to Databricks: federated (no secret) or secret.
        databricks_auth = optional(string, "federated")
        # What a development target of the bundle puts before the jobs' names; empty elsewhere.
        job_prefix = optional(string, "")
        # Further Airflow configuration: section.key = value.
        airflow_options = optional(map(string), {})
        # Whether the DAG governance reads the account's policies, to tell who may read the data buckets past Unity Catalog.
        reads_iam = optional(bool, false)
        # Whether market DAGs enter gold's tables in Glue and run kept queries; the stack consumption's `pipeline` comes first.
        consumption = optional(bool, false)
        # Connections whose values people put into Secrets Manager; polygon_flat_files too where the plan has flat files.
        connections = optional(set(string), ["polygon_default"])
        # A PostgreSQL into which stars of gold are loaded, as modules/warehouse has it; {} is the smallest. Null: none, and nothing is billed.
        warehouse = optional(object({
          instance_class     = optional(string, "db.t4g.micro")
          storage_gb         = optional(object({ first = number, most = number }), { first = 20, most = 100 })
          multi_az           = optional(bool, false)
          backup_days        = optional(number, 7)
          log_retention_days = optional(number, 365)
        }))
      })
    })
  })
}
