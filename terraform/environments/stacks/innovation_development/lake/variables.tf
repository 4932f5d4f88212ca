variable "noncurrent_days" {
  description = "Days for which replaced and deleted files of Delta tables can be brought back."
  type        = number
}

variable "access_log_days" {
  description = "Days for which access logs are kept."
  type        = number
}
