mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/anthill-dev-access" }
  }
  mock_resource "aws_iam_instance_profile" {
    defaults = { arn = "arn:aws:iam::111111111111:instance-profile/anthill-dev-access" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-host" }
  }
}

variables {
  name                         = "anthill-dev"
  region                       = "us-east-1"
  vpc_id                       = "vpc-0123456789abcdef0"
  subnet_ids                   = ["subnet-1", "subnet-2"]
  route_table_ids              = ["rtb-1", "rtb-2"]
  web_server_security_group_id = "sg-mwaa"
  endpoints_security_group_id  = "sg-endpoints"
  nat                          = true
  tags                         = { team = "platform_development" }
}

run "there_is_no_way_unless_one_is_asked_for" {
  assert {
    condition     = length(aws_autoscaling_group.host) + length(aws_launch_template.host) + length(aws_iam_role.host) + length(aws_security_group.host) + length(aws_vpc_endpoint.sessions) + length(aws_vpc_security_group_ingress_rule.host) + length(aws_ec2_transit_gateway_vpc_attachment.this) + length(aws_route.transit) + length(aws_vpc_security_group_ingress_rule.transit) == 0
    error_message = "something is made that nobody asked for"
  }
  assert {
    condition     = output.host_name == null
    error_message = "a host is named that there is not"
  }
}

run "a_host_that_nobody_can_call" {
  variables {
    kind = "ssm"
  }
  assert {
    condition     = alltrue([for interface in aws_launch_template.host[0].network_interfaces : interface.associate_public_ip_address == "false" && toset(interface.security_groups) == toset(["sg-host"])])
    error_message = "the host has a public address, or another group"
  }
  assert {
    condition     = [for rule in aws_vpc_security_group_ingress_rule.host : "${rule.security_group_id} ${rule.referenced_security_group_id} ${rule.from_port}-${rule.to_port}"] == ["sg-mwaa sg-host 443-443"] && length(aws_vpc_security_group_ingress_rule.transit) == 0 && length(aws_security_group.host[0].ingress) == 0
    error_message = "something comes in that is not the host's call of the web server"
  }
  assert {
    condition     = [for rule in concat(aws_vpc_security_group_egress_rule.web_server, aws_vpc_security_group_egress_rule.sessions) : "${coalesce(rule.referenced_security_group_id, rule.cidr_ipv4)} ${rule.from_port}-${rule.to_port}"] == ["sg-mwaa 443-443", "0.0.0.0/0 443-443"]
    error_message = "the host reaches more than the web server and Systems Manager"
  }
  assert {
    condition     = aws_launch_template.host[0].metadata_options[0].http_tokens == "required" && aws_launch_template.host[0].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "the host's credentials can be had by one plain request"
  }
  assert {
    condition     = aws_launch_template.host[0].block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "the disk is in the clear"
  }
  assert {
    condition     = startswith(aws_launch_template.host[0].image_id, "resolve:ssm:/aws/service/ami-amazon-linux-latest/") && aws_autoscaling_group.host[0].max_instance_lifetime == 2592000
    error_message = "the host grows old"
  }
  assert {
    condition     = { for tag in aws_autoscaling_group.host[0].tag : tag.key => tag.value if tag.propagate_at_launch } == { Name = "anthill-dev-access", team = "platform_development" } && output.host_name == "anthill-dev-access"
    error_message = "the host has another name than people's policies say, or belongs to nobody"
  }
  assert {
    condition     = aws_autoscaling_group.host[0].min_size == 1 && aws_autoscaling_group.host[0].max_size == 1 && aws_launch_template.host[0].key_name == null
    error_message = "there is another number of hosts, or a key that opens one"
  }
  assert {
    condition     = length(aws_vpc_endpoint.sessions) == 0
    error_message = "an endpoint is paid for that NAT makes needless"
  }
}

run "a_host_without_nat" {
  variables {
    kind = "ssm"
    nat  = false
  }
  assert {
    condition     = aws_vpc_endpoint.sessions[0].service_name == "com.amazonaws.us-east-1.ssmmessages" && aws_vpc_endpoint.sessions[0].private_dns_enabled
    error_message = "the host cannot hold a session"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.sessions[0].referenced_security_group_id == "sg-endpoints" && aws_vpc_security_group_egress_rule.sessions[0].cidr_ipv4 == null
    error_message = "the host reaches more than the endpoints"
  }
}

run "a_transit_gateway" {
  variables {
    kind            = "transit_gateway"
    transit_gateway = { id = "tgw-0123456789abcdef0", cidrs = ["10.98.0.0/16", "10.99.0.0/16"] }
  }
  assert {
    condition     = toset([for route in aws_route.transit : "${route.route_table_id} ${route.destination_cidr_block} ${route.transit_gateway_id}"]) == toset([for pair in setproduct(["rtb-1", "rtb-2"], ["10.98.0.0/16", "10.99.0.0/16"]) : "${pair[0]} ${pair[1]} tgw-0123456789abcdef0"])
    error_message = "an answer does not find back"
  }
  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.transit : "${rule.cidr_ipv4} ${rule.from_port}-${rule.to_port}"]) == toset(["10.98.0.0/16 443-443", "10.99.0.0/16 443-443"])
    error_message = "others than the given ranges come in, or to another port"
  }
  assert {
    condition     = length(aws_autoscaling_group.host) == 0 && aws_ec2_transit_gateway_vpc_attachment.this[0].transit_gateway_id == "tgw-0123456789abcdef0"
    error_message = "the VPC is not attached, or there is a host besides"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # upper case names
    name = "Anthill"
    # wrong regions
    region = "virginia"
    # a way that there is not
    kind = "bastion"
    # paths without slashes
    iam_path = "platform"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
    # another resource's ids
    vpc_id                       = "10.20.0.0/16"
    web_server_security_group_id = "anthill-dev-mwaa"
    endpoints_security_group_id  = "anthill-dev-endpoints"
    # nowhere
    subnet_ids      = []
    route_table_ids = []
    # a name of its own
    tags = { Name = "anthill-dev-x" }
  }
  expect_failures = [var.name, var.region, var.kind, var.iam_path, var.permissions_boundary_arn, var.vpc_id, var.web_server_security_group_id, var.endpoints_security_group_id, var.subnet_ids, var.route_table_ids, var.tags]
}

run "refuses_a_gateway_that_is_not_given" {
  command = plan
  variables {
    kind = "transit_gateway"
  }
  expect_failures = [var.transit_gateway]
}

run "refuses_the_whole_internet" {
  command = plan
  variables {
    kind            = "transit_gateway"
    transit_gateway = { id = "tgw-0123456789abcdef0", cidrs = ["0.0.0.0/0"] }
  }
  expect_failures = [var.transit_gateway]
}

run "refuses_what_is_no_transit_gateway" {
  command = plan
  variables {
    kind            = "transit_gateway"
    transit_gateway = { id = "vpc-0123456789abcdef0", cidrs = ["10.99.0.0/16"] }
  }
  expect_failures = [var.transit_gateway]
}
