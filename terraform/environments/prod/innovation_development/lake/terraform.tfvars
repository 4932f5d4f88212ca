noncurrent_days = 30
access_log_days = 400
