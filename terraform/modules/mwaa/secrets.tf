locals {
  federated = var.databricks.auth == "federated"
  by_hand   = local.federated ? var.connections : setunion(var.connections, ["databricks_default"])

  # Under federation the connection holds no secret, so it may stand in the state.
  known = merge(
    local.federated ? {
      "connections/databricks_default" = jsonencode({
        conn_type = "databricks"
        host      = var.databricks.host
        login     = "federated_aws"
        extra     = { federated_aws = true, client_id = var.databricks.client_id, aws_conn_id = "aws_default" }
      })
    } : {},
    { for bucket in compact([var.personal_bucket]) : "connections/aws_erasure" => jsonencode({ conn_type = "aws", extra = { role_arn = local.erasure_arn } }) },
    { for role in compact([var.consumption_role_arn]) : "connections/aws_consumption" => jsonencode({ conn_type = "aws", extra = { role_arn = role } }) },
    { for key, value in var.variables : "variables/${key}" => value },
  )
}

resource "aws_secretsmanager_secret" "this" {
  # checkov:skip=CKV2_AWS_57: Polygon.io and Databricks issue these; docs/terraform.md tells how to rotate them
  for_each = setunion(keys(local.known), [for id in local.by_hand : "connections/${id}"])

  name                    = "${var.secrets_prefix}/${each.key}"
  description             = contains(keys(local.known), each.key) ? "Written by Terraform" : "Its value is put here by people: aws secretsmanager put-secret-value"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each      = local.known
  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = each.value
}
