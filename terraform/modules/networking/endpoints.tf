locals {
  # The services that MWAA calls, and the ones of this platform (secrets, parameters, tokens, topics).
  interface_services = var.egress != "endpoints" ? [] : [
    "monitoring", "logs", "sqs", "kms", "ecr.api", "ecr.dkr", "airflow.api", "airflow.env", "airflow.ops",
    "secretsmanager", "sns", "ssm", "sts",
  ]
}

# Free, and keeps the lake's traffic away from the NAT gateways.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for table in aws_route_table.private : table.id]
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each            = toset(local.interface_services)
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.private : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = { Name = "${var.name}-${each.key}" }
}
