locals {
  endpoint_services = var.private_link == null ? {} : {
    workspace = var.private_link.workspace_service
    relay     = var.private_link.relay_service
  }
}

resource "aws_vpc_endpoint" "databricks" {
  for_each            = local.endpoint_services
  vpc_id              = var.vpc_id
  service_name        = each.value
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = var.private_link.subnet_ids
  security_group_ids  = var.private_link.security_group_ids
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
