zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
cidr   = "10.30.0.0/16"
egress = "nat_single"
subnets = {
  private    = ["10.30.0.0/22", "10.30.4.0/22", "10.30.8.0/22"]
  databricks = ["10.30.32.0/20", "10.30.48.0/20", "10.30.64.0/20"]
  public     = ["10.30.12.0/26", "10.30.12.64/26", "10.30.12.128/26"]
}
log_retention_days = 90
