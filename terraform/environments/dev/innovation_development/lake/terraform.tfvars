noncurrent_days = 7
access_log_days = 30
