zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
cidr   = "10.20.0.0/16"
egress = "nat_single"
subnets = {
  private    = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"]
  databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"]
  public     = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"]
}
log_retention_days = 30
