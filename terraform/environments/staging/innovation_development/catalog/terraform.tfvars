group_privileges = {
  analysts        = ["USE_CATALOG", "BROWSE"]
  data_engineers  = ["USE_CATALOG", "BROWSE"]
  data_scientists = ["USE_CATALOG", "BROWSE"]
}
