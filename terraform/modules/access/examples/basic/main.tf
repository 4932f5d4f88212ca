provider "aws" {
  region = "us-east-1"
}

module "access" {
  source = "../.."

  name                         = "anthill-dev"
  region                       = "us-east-1"
  kind                         = "ssm"
  vpc_id                       = "vpc-0123456789abcdef0"
  subnet_ids                   = ["subnet-1", "subnet-2"]
  route_table_ids              = ["rtb-1", "rtb-2"]
  web_server_security_group_id = "sg-1"
  endpoints_security_group_id  = "sg-2"
  nat                          = true
}
