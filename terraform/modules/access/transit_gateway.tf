# The other way: the organisation's own network, by a transit gateway (which a VPN may end at).
locals {
  transit = var.kind == "transit_gateway" ? var.transit_gateway : { id = "", cidrs = [] }
  routes  = { for pair in setproduct(range(length(var.route_table_ids)), local.transit.cidrs) : "${pair[0]}:${pair[1]}" => pair }
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  count              = var.kind == "transit_gateway" ? 1 : 0
  transit_gateway_id = local.transit.id
  vpc_id             = var.vpc_id
  subnet_ids         = var.subnet_ids
  tags               = { Name = var.name }
}

resource "aws_route" "transit" {
  for_each               = local.routes
  route_table_id         = var.route_table_ids[each.value[0]]
  destination_cidr_block = each.value[1]
  transit_gateway_id     = local.transit.id

  depends_on = [aws_ec2_transit_gateway_vpc_attachment.this]
}

resource "aws_vpc_security_group_ingress_rule" "transit" {
  for_each          = toset(local.transit.cidrs)
  security_group_id = var.web_server_security_group_id
  description       = "Airflow's web server, from the organisation's network"
  cidr_ipv4         = each.key
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}
