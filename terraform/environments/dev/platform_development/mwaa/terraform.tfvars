environment_class = "mw1.micro"
workers           = { min = 1, max = 1 }
schedulers        = 1
webservers        = { min = 1, max = 1 }
webserver_access  = "PUBLIC_ONLY"
