mock_provider "aws" {
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:111111111111:log-group:/anthill-dev/vpc-flow" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/flow" }
  }
}

variables {
  name   = "anthill-dev"
  region = "us-east-1"
  zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
  cidr   = "10.20.0.0/16"
  subnets = {
    private    = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"]
    databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"]
    public     = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"]
  }
  log_kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
}

run "one_nat_gateway" {
  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3 && length(aws_vpc_endpoint.interface) == 0
    error_message = "nat_single must be one gateway that every zone leaves by"
  }
  assert {
    condition     = length(output.private_subnet_ids) == 3 && length(output.databricks_subnet_ids) == 3
    error_message = "there is not one subnet a zone"
  }
  assert {
    condition     = alltrue([for s in aws_subnet.public : !s.map_public_ip_on_launch])
    error_message = "public subnets give out public addresses"
  }
  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.kms_key_id == var.log_kms_key_arn
    error_message = "flow logs are not complete and encrypted"
  }
  assert {
    condition     = alltrue([for r in [aws_vpc_security_group_ingress_rule.mwaa_self, aws_vpc_security_group_ingress_rule.databricks_self["tcp"]] : r.cidr_ipv4 == null])
    error_message = "a group admits more than itself"
  }
  assert {
    condition     = toset([for r in aws_vpc_security_group_egress_rule.databricks_out : r.from_port]) == toset([443, 3306, 5432, 6666, 2443, 8443])
    error_message = "clusters do not get out where Databricks asks for it"
  }
  assert {
    condition     = length(aws_default_security_group.none.ingress) == 0 && length(aws_default_security_group.none.egress) == 0
    error_message = "the default group admits traffic"
  }
}

run "nothing_but_https_by_itself" {
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.mwaa_sources) == 0 && aws_vpc_security_group_egress_rule.mwaa_https.from_port == 443 && aws_vpc_security_group_egress_rule.mwaa_https.to_port == 443
    error_message = "Airflow gets out by more than HTTPS where nobody has asked for it"
  }
}

run "a_database_and_an_sftp_server" {
  variables {
    sources = {
      totesys = { cidr = "10.40.8.0/24", port = 5432 }
      partner = { cidr = "203.0.113.7/32", port = 22 }
    }
  }
  assert {
    condition = toset([for r in aws_vpc_security_group_egress_rule.mwaa_sources : "${r.cidr_ipv4} ${r.from_port}-${r.to_port} ${r.ip_protocol}"]) == toset([
      "10.40.8.0/24 5432-5432 tcp", "203.0.113.7/32 22-22 tcp"
    ])
    error_message = "Airflow does not reach exactly what is declared"
  }
}

run "refuses_a_source_that_is_the_internet" {
  command = plan
  variables {
    sources = { everything = { cidr = "0.0.0.0/0", port = 5432 } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_source_whose_name_is_a_sentence" {
  command = plan
  variables {
    sources = { "The database" = { cidr = "10.40.8.0/24", port = 5432 } }
  }
  expect_failures = [var.sources]
}

run "refuses_a_source_without_a_port" {
  command = plan
  variables {
    sources = { totesys = { cidr = "10.40.8.0/24", port = 0 } }
  }
  expect_failures = [var.sources]
}

run "a_nat_gateway_a_zone" {
  variables {
    egress = "nat_per_zone"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 3
    error_message = "nat_per_zone must be three gateways in three zones"
  }
}

run "endpoints_only" {
  variables {
    egress = "endpoints"
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_internet_gateway.this) == 0 && length(aws_subnet.public) == 0 && length(aws_route.nat) == 0
    error_message = "there is a way to the internet"
  }
  assert {
    condition     = length(setsubtract(["monitoring", "logs", "sqs", "kms", "ecr.api", "ecr.dkr", "airflow.api", "airflow.env", "airflow.ops"], keys(aws_vpc_endpoint.interface))) == 0
    error_message = "MWAA lacks an endpoint"
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.interface : e.private_dns_enabled && length(e.subnet_ids) == 3])
    error_message = "an endpoint is not in every zone"
  }
}

run "two_zones_are_enough" {
  command = plan
  variables {
    zones   = ["us-east-1a", "us-east-1b"]
    subnets = { private = ["10.20.0.0/22", "10.20.4.0/22"], databricks = ["10.20.32.0/20", "10.20.48.0/20"], public = ["10.20.12.0/26", "10.20.12.64/26"] }
  }
}

run "refuses_one_zone" {
  command = plan
  variables {
    zones   = ["us-east-1a"]
    subnets = { private = ["10.20.0.0/22"], databricks = ["10.20.32.0/20"], public = ["10.20.12.0/26"] }
  }
  expect_failures = [var.zones]
}

run "refuses_zones_of_another_region" {
  command = plan
  variables {
    zones = ["us-east-1a", "us-east-1b", "eu-west-1a"]
  }
  expect_failures = [var.zones]
}

run "refuses_what_is_no_range" {
  command = plan
  variables {
    cidr = "10.20.0.0"
  }
  expect_failures = [var.cidr]
}

run "refuses_host_bits" {
  command = plan
  variables {
    cidr = "10.20.3.7/16"
  }
  expect_failures = [var.cidr]
}

run "refuses_public_ranges" {
  command = plan
  variables {
    cidr    = "8.8.0.0/16"
    subnets = { private = ["8.8.0.0/22", "8.8.4.0/22", "8.8.8.0/22"], databricks = ["8.8.32.0/20", "8.8.48.0/20", "8.8.64.0/20"], public = ["8.8.12.0/26", "8.8.12.64/26", "8.8.12.128/26"] }
  }
  expect_failures = [var.cidr]
}

run "refuses_overlaps" {
  command = plan
  variables {
    subnets = { private = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"], databricks = ["10.20.0.0/20", "10.20.48.0/20", "10.20.64.0/20"], public = ["10.20.112.0/26", "10.20.112.64/26", "10.20.112.128/26"] }
  }
  expect_failures = [var.subnets]
}

run "refuses_ranges_outside_the_vpc" {
  command = plan
  variables {
    subnets = { private = ["10.21.0.0/22", "10.20.4.0/22", "10.20.8.0/22"], databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"], public = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"] }
  }
  expect_failures = [var.subnets]
}

run "refuses_a_missing_zone" {
  command = plan
  variables {
    subnets = { private = ["10.20.0.0/22", "10.20.4.0/22"], databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"], public = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"] }
  }
  expect_failures = [var.subnets]
}

run "refuses_host_bits_in_subnets" {
  command = plan
  variables {
    subnets = { private = ["10.20.0.7/22", "10.20.4.0/22", "10.20.8.0/22"], databricks = ["10.20.32.0/20", "10.20.48.0/20", "10.20.64.0/20"], public = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"] }
  }
  expect_failures = [var.subnets]
}

run "refuses_small_cluster_subnets" {
  command = plan
  variables {
    subnets = { private = ["10.20.0.0/22", "10.20.4.0/22", "10.20.8.0/22"], databricks = ["10.20.32.0/27", "10.20.48.0/20", "10.20.64.0/20"], public = ["10.20.12.0/26", "10.20.12.64/26", "10.20.12.128/26"] }
  }
  expect_failures = [var.subnets]
}

run "refuses_what_is_no_region" {
  command = plan
  variables {
    region = "us-east"
    zones  = ["us-easta", "us-eastb", "us-eastc"]
  }
  expect_failures = [var.region]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # unknown egress
    egress = "internet"
    # odd retention
    log_retention_days = 100
    # upper case names
    name = "Anthill"
    # an alias as key
    log_kms_key_arn = "alias/anthill"
    # paths without slashes
    iam_path = "platform"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
  }
  expect_failures = [var.egress, var.iam_path, var.log_kms_key_arn, var.log_retention_days, var.name, var.permissions_boundary_arn]
}
