variable "environment_class" {
  description = "Size of the environment, mw1.micro to mw1.2xlarge."
  type        = string
}

variable "workers" {
  description = "Workers at least and at most."
  type        = object({ min = number, max = number })
}

variable "schedulers" {
  description = "Schedulers: 1 on mw1.micro, else 2 to 5."
  type        = number
}

variable "webservers" {
  description = "Web servers at least and at most."
  type        = object({ min = number, max = number })
}

variable "webserver_access" {
  description = "Where the UI can be reached from: PRIVATE_ONLY or PUBLIC_ONLY."
  type        = string
}

variable "databricks_auth" {
  description = "How the DAGs sign in to Databricks: federated (no secret) or secret."
  type        = string
  default     = "federated"
}

variable "job_prefix" {
  description = "What a development target of the bundle puts before the jobs' names; empty elsewhere."
  type        = string
  default     = ""
}

variable "airflow_options" {
  description = "Further Airflow configuration: section.key = value."
  type        = map(string)
  default     = {}
}

variable "connections" {
  description = "Connections whose values people put into Secrets Manager; polygon_flat_files too where the plan has flat files."
  type        = set(string)
  default     = ["polygon_default"]
}
