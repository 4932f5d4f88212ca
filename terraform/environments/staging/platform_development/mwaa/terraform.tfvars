environment_class = "mw1.small"
workers           = { min = 1, max = 3 }
schedulers        = 2
webservers        = { min = 2, max = 2 }
webserver_access  = "PRIVATE_ONLY"
