output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Private subnets, one a zone, in the order of `zones`; MWAA takes the first two."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "private_route_table_ids" {
  description = "Route tables of the private subnets, one a zone, in the order of `zones`."
  value       = [for zone in var.zones : aws_route_table.private[zone].id]
}

output "databricks_subnet_ids" {
  description = "Subnets of the Databricks clusters, one a zone, in the order of `zones`."
  value       = [for zone in var.zones : aws_subnet.databricks[zone].id]
}

output "mwaa_security_group_id" {
  description = "Security group of the MWAA environment."
  value       = aws_security_group.mwaa.id
}

output "databricks_security_group_id" {
  description = "Security group of the Databricks clusters."
  value       = aws_security_group.databricks.id
}

output "endpoints_security_group_id" {
  description = "Security group of interface endpoints: HTTPS from within the VPC."
  value       = aws_security_group.endpoints.id
}

output "endpoint_ids" {
  description = "Ids of the VPC endpoints by service."
  value       = merge({ s3 = aws_vpc_endpoint.s3.id }, { for service, e in aws_vpc_endpoint.interface : service => e.id })
}

output "nat_addresses" {
  description = "Public addresses that traffic leaves from: what Polygon.io and Databricks may be told to admit."
  value       = [for a in aws_eip.nat : a.public_ip]
}

output "nat_gateway_ids" {
  description = "Ids of the NAT gateways by zone; none where egress is endpoints."
  value       = { for zone, gateway in aws_nat_gateway.this : zone => gateway.id }
}

output "flow_log_group" {
  description = "Log group of the flow logs."
  value       = aws_cloudwatch_log_group.flow.name
}
