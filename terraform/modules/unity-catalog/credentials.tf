locals {
  # A credential for each zone that is read only, another for what is written: the former cannot be reached through it.
  written = "tables"
  access = merge(
    { for zone, given in var.zones : zone => { zones = [zone], read_only = true } if given.read_only },
    { (local.written) = { zones = reverse([for zone, given in var.zones : zone if !given.read_only]), read_only = false } },
  )

  role_names = { for access, _ in local.access : access => "${var.name}-unity-${access}" }

  # Built from names: the credential needs the role's ARN, and the role's trust needs the credential's external id.
  role_arns = { for access, role in local.role_names : access => "arn:aws:iam::${var.account_id}:role${var.iam_path}${role}" }

  statements = {
    for access, a in local.access : access => [
      {
        Sid    = "Objects"
        Effect = "Allow"
        Action = concat(["s3:GetObject"], a.read_only ? [] : ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"])
        Resource = flatten([
          for zone in a.zones : [for folder in var.zones[zone].folders : "arn:aws:s3:::${var.lake[zone].bucket}/${folder}*"]
        ])
      },
      {
        Sid      = "List"
        Effect   = "Allow"
        Action   = concat(["s3:ListBucket", "s3:GetBucketLocation"], a.read_only ? [] : ["s3:ListBucketMultipartUploads"])
        Resource = [for zone in a.zones : "arn:aws:s3:::${var.lake[zone].bucket}"]
      },
      {
        Sid      = "Keys"
        Effect   = "Allow"
        Action   = concat(["kms:Decrypt"], a.read_only ? [] : ["kms:Encrypt", "kms:GenerateDataKey*"])
        Resource = distinct([for zone in a.zones : var.lake[zone].kms_key_arn])
      },
      {
        Sid      = "AssumeItself"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [local.role_arns[access]]
      },
    ]
  }
}

resource "databricks_storage_credential" "this" {
  for_each       = local.access
  name           = "${var.name}-${each.key}"
  comment        = "${each.value.read_only ? "Reads" : "Reads and writes"} ${join(" and ", each.value.zones)}"
  read_only      = each.value.read_only
  isolation_mode = "ISOLATION_MODE_ISOLATED"

  aws_iam_role {
    role_arn = local.role_arns[each.key]
  }
}

data "databricks_aws_unity_catalog_assume_role_policy" "this" {
  for_each       = local.access
  aws_account_id = var.account_id
  role_name      = trimprefix("${var.iam_path}${local.role_names[each.key]}", "/")
  external_id    = databricks_storage_credential.this[each.key].aws_iam_role[0].external_id
}

resource "aws_iam_role" "this" {
  for_each             = local.access
  name                 = local.role_names[each.key]
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = data.databricks_aws_unity_catalog_assume_role_policy.this[each.key].json
}

resource "aws_iam_role_policy" "this" {
  for_each = local.access
  name     = "lake-${each.key}"
  role     = aws_iam_role.this[each.key].id
  policy   = jsonencode({ Version = "2012-10-17", Statement = local.statements[each.key] })
}

# The wait hangs on policy and trust, so that a change of either waits too before a location is checked.
resource "time_sleep" "iam" {
  for_each        = local.access
  create_duration = "30s"
  triggers = {
    policy = aws_iam_role_policy.this[each.key].policy
    trust  = aws_iam_role.this[each.key].assume_role_policy
  }
}
