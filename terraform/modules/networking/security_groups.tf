locals {
  # What a classic cluster needs towards the control plane, the metastore, Lakebase, secure connectivity and later services.
  databricks_egress = {
    https        = { from = 443, to = 443 }
    metastore    = { from = 3306, to = 3306 }
    lakebase     = { from = 5432, to = 5432 }
    connectivity = { from = 6666, to = 6666 }
    fips         = { from = 2443, to = 2443 }
    control      = { from = 8443, to = 8451 }
  }
}

resource "aws_security_group" "mwaa" {
  # checkov:skip=CKV2_AWS_5: attached by the mwaa stack, which has a state of its own
  name        = "${var.name}-mwaa"
  description = "MWAA: its parts talk to each other, and out by HTTPS"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-mwaa" }
}

resource "aws_vpc_security_group_ingress_rule" "mwaa_self" {
  security_group_id            = aws_security_group.mwaa.id
  description                  = "The environment's own parts"
  referenced_security_group_id = aws_security_group.mwaa.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "mwaa_self" {
  security_group_id            = aws_security_group.mwaa.id
  description                  = "The environment's own parts: the metadata database among them"
  referenced_security_group_id = aws_security_group.mwaa.id
  ip_protocol                  = "-1"
}

resource "aws_vpc_security_group_egress_rule" "mwaa_https" {
  security_group_id = aws_security_group.mwaa.id
  description       = "AWS, Databricks and Polygon.io by HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_vpc_security_group_egress_rule" "mwaa_sources" {
  for_each          = var.sources
  security_group_id = aws_security_group.mwaa.id
  description       = "Source or warehouse: ${each.key}"
  cidr_ipv4         = each.value.cidr
  from_port         = each.value.port
  to_port           = each.value.port
  ip_protocol       = "tcp"
}

resource "aws_security_group" "databricks" {
  # checkov:skip=CKV2_AWS_5: attached by Databricks to the nodes that it starts
  name        = "${var.name}-databricks"
  description = "Databricks clusters: nodes talk to each other, and out to the control plane"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-databricks" }
}

resource "aws_vpc_security_group_ingress_rule" "databricks_self" {
  # checkov:skip=CKV_AWS_24: the source is the group itself, not a range of addresses
  # checkov:skip=CKV_AWS_25: see CKV_AWS_24
  # checkov:skip=CKV_AWS_260: see CKV_AWS_24
  for_each                     = toset(["tcp", "udp"])
  security_group_id            = aws_security_group.databricks.id
  description                  = "Between the nodes, every ${each.key} port: Databricks asks for it"
  referenced_security_group_id = aws_security_group.databricks.id
  ip_protocol                  = each.key
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "databricks_self" {
  for_each                     = toset(["tcp", "udp"])
  security_group_id            = aws_security_group.databricks.id
  description                  = "Between the nodes, every ${each.key} port: Databricks asks for it"
  referenced_security_group_id = aws_security_group.databricks.id
  ip_protocol                  = each.key
  from_port                    = 0
  to_port                      = 65535
}

resource "aws_vpc_security_group_egress_rule" "databricks_out" {
  for_each          = local.databricks_egress
  security_group_id = aws_security_group.databricks.id
  description       = "Control plane: ${each.key}"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value.from
  to_port           = each.value.to
}

resource "aws_security_group" "endpoints" {
  # checkov:skip=CKV2_AWS_5: attached to the interface endpoints where egress is endpoints, and by the databricks stack
  name        = "${var.name}-endpoints"
  description = "Interface endpoints: HTTPS from within the VPC"
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_https" {
  security_group_id = aws_security_group.endpoints.id
  description       = "HTTPS from within the VPC"
  cidr_ipv4         = var.cidr
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}
