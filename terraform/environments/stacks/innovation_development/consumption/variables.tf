variable "table_paths" {
  description = "Folders in the gold bucket, one a Delta table, that Athena can read."
  type        = set(string)
}

variable "scan_limit_gb" {
  description = "Gigabytes that one query may scan."
  type        = number
}

variable "result_days" {
  description = "Days for which query results are kept."
  type        = number
}
