variable "bronze_colder_days" {
  description = "Days until raw answers go to colder storage."
  type        = number
}

variable "bronze_lock_days" {
  description = "Days for which no version of a raw answer can be deleted (object lock). Null: none. Fixed at creation."
  type        = number
  default     = null
}

variable "access_log_days" {
  description = "Days for which access logs are kept."
  type        = number
}
