bronze_colder_days = 90
bronze_lock_days   = 365
access_log_days    = 400
