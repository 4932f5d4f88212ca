bronze_colder_days = 60
access_log_days    = 90
