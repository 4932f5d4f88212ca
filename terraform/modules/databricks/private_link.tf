locals {
  endpoint_services = var.private_link == null ? {} : {
    workspace = var.private_link.workspace_service
    relay     = var.private_link.relay_service
  }

  # What clusters ask of the endpoints: the control plane, its FIPS port, Lakebase, secure connectivity, later services.
  endpoint_ports = {
    https        = { from = 443, to = 443 }
    fips         = { from = 2443, to = 2443 }
    lakebase     = { from = 5432, to = 5432 }
    connectivity = { from = 6666, to = 6666 }
    control      = { from = 8443, to = 8451 }
  }
}

# Beside the groups that are given, which admit HTTPS from the whole VPC: Airflow, too, finds the workspace by the endpoint.
resource "aws_security_group" "private_link" {
  count       = var.private_link == null ? 0 : 1
  name        = "${var.name}-databricks-endpoints"
  description = "PrivateLink to Databricks: its ports, from the clusters"
  vpc_id      = var.vpc_id
  tags        = { Name = "${var.name}-databricks-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "private_link" {
  for_each = var.private_link == null ? {} : {
    for pair in setproduct(var.security_group_ids, keys(local.endpoint_ports)) : join(" ", pair) => { group = pair[0], ports = local.endpoint_ports[pair[1]], name = pair[1] }
  }
  security_group_id            = aws_security_group.private_link[0].id
  description                  = "From the clusters: ${each.value.name}"
  referenced_security_group_id = each.value.group
  ip_protocol                  = "tcp"
  from_port                    = each.value.ports.from
  to_port                      = each.value.ports.to
}

resource "aws_vpc_endpoint" "databricks" {
  for_each            = local.endpoint_services
  vpc_id              = var.vpc_id
  service_name        = each.value
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = var.private_link.subnet_ids
  security_group_ids  = concat([aws_security_group.private_link[0].id], var.private_link.security_group_ids)
  tags                = { Name = "${var.name}-databricks-${each.key}" }
}

resource "databricks_mws_vpc_endpoint" "this" {
  for_each            = local.endpoint_services
  account_id          = var.databricks_account_id
  region              = var.region
  aws_vpc_endpoint_id = aws_vpc_endpoint.databricks[each.key].id
  vpc_endpoint_name   = "${var.name}-${each.key}"
}

resource "databricks_mws_private_access_settings" "this" {
  count                        = var.private_link == null ? 0 : 1
  account_id                   = var.databricks_account_id
  region                       = var.region
  private_access_settings_name = var.name
  private_access_level         = "ENDPOINT"
  public_access_enabled        = var.private_link.public_access
  allowed_vpc_endpoint_ids     = [for e in databricks_mws_vpc_endpoint.this : e.vpc_endpoint_id]
}
