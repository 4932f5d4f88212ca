# What a workflow's role may never do, whoever allows it: a bucket's policy, a key's, a role's trust or a policy of its own.
# An explicit Deny wins over all of these, and the last two statements keep it where it is.
locals {
  guarded = [for b in concat([for name, zone in var.zones : name if zone.data], ["athena", "drop", "workspace"]) : "arn:aws:s3:::${local.name}-${b}"]

  guard = [
    {
      Sid      = "Data"
      Effect   = "Deny"
      Action   = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
      Resource = [for bucket in local.guarded : "${bucket}/*"]
    },
    {
      # Of a project data is neither read nor written; a workflow that ends one empties its bucket.
      Sid      = "ProjectData"
      Effect   = "Deny"
      Action   = ["s3:GetObject*", "s3:PutObject*"]
      Resource = ["arn:aws:s3:::${local.name}-${local.project}/*"]
    },
    {
      # S3 tells KMS the object, or the bucket where that has a key of its own.
      Sid       = "DataKeys"
      Effect    = "Deny"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
      Resource  = ["*"]
      Condition = { StringLike = { "kms:EncryptionContext:aws:s3:arn" = flatten([for b in concat(local.guarded, ["arn:aws:s3:::${local.name}-${local.project}"]) : [b, "${b}/*"]]) } }
    },
    {
      # A role that reads data is not taken by one that could write its trust.
      Sid      = "OtherRoles"
      Effect   = "Deny"
      Action   = ["sts:AssumeRole"]
      Resource = ["*"]
    },
    {
      # Roles of workflows are an administrator's.
      Sid    = "Workflows"
      Effect = "Deny"
      Action = [
        "iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:DeleteRole", "iam:UpdateRole",
        "iam:UpdateAssumeRolePolicy", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
      ]
      Resource = [for kind in ["deploy-*", "plan-*", "notification"] : "${local.iam}:role${local.platform_path}${local.name}-${kind}"]
    },
    {
      Sid      = "Policies"
      Effect   = "Deny"
      Action   = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:DeletePolicyVersion", "iam:DeletePolicy"]
      Resource = ["${local.iam}:policy${local.platform_path}*"]
    },
    {
      Sid      = "Boundaries"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary"]
      Resource = ["*"]
    },
  ]

  guard_json = jsonencode({ Version = "2012-10-17", Statement = local.guard })
}

resource "aws_iam_policy" "guard" {
  name        = "${local.name}-guard"
  path        = local.platform_path
  description = "What no workflow may do, whoever allows it"
  policy      = local.guard_json
}

resource "aws_iam_role_policy_attachment" "guard" {
  for_each = merge(
    { for team, role in aws_iam_role.deploy : team => role.name },
    { for team, role in aws_iam_role.plan : "${team}-plan" => role.name },
    { for key, role in aws_iam_role.preview : "${key}-plan" => role.name },
    { notification = aws_iam_role.notification.name },
  )
  role       = each.value
  policy_arn = aws_iam_policy.guard.arn
}
