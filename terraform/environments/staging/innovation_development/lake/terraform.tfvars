noncurrent_days = 14
access_log_days = 90
