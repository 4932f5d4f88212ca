zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
cidr   = "10.40.0.0/16"
egress = "nat_per_zone"
subnets = {
  private    = ["10.40.0.0/22", "10.40.4.0/22", "10.40.8.0/22"]
  databricks = ["10.40.32.0/20", "10.40.48.0/20", "10.40.64.0/20"]
  public     = ["10.40.12.0/26", "10.40.12.64/26", "10.40.12.128/26"]
}
log_retention_days = 400
