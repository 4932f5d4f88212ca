environment_class = "mw1.medium"
workers           = { min = 2, max = 10 }
schedulers        = 2
webservers        = { min = 2, max = 4 }
webserver_access  = "PRIVATE_ONLY"
