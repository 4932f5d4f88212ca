locals {
  innovation_path    = "/innovation_development/"
  innovation_buckets = [for b in concat(local.zones_of["innovation_development"], ["innovation-logs", "athena", local.project]) : "arn:aws:s3:::${local.name}-${b}"]
  # What each project of the team is called by, the bucket and the role of each: terraform/innovation_development/project.
  project = "project-*"

  # As modules/consumption names it.
  consumed_database = replace("${local.name}_${var.consumed_zone}", "-", "_")

  # Engineers, scientists, analysts: their buckets, the catalog's roles, Athena. No network, no security, no MWAA, no
  # object of the lake: those are read through Unity Catalog and Athena.
  innovation = {
    state = local.own_part["innovation_development"]

    lake = [
      {
        Sid      = "Buckets"
        Effect   = "Allow"
        Action   = local.bucket_management
        Resource = local.innovation_buckets
      },
      {
        Sid       = "NewKeys"
        Effect    = "Allow"
        Action    = ["kms:CreateKey"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestTag/team" = "innovation_development" } }
      },
      {
        # A tag at creation only: a key that has a team cannot be taken over by tagging it.
        Sid      = "TagNewKeys"
        Effect   = "Allow"
        Action   = ["kms:TagResource"]
        Resource = ["*"]
        Condition = {
          StringEquals = { "aws:RequestTag/team" = "innovation_development" }
          Null         = { "aws:ResourceTag/team" = "true" }
        }
      },
      {
        Sid       = "Keys"
        Effect    = "Allow"
        Action    = local.key_management
        Resource  = ["arn:aws:kms:${local.in_region}:key/*"]
        Condition = { StringEquals = { "aws:ResourceTag/team" = "innovation_development" } }
      },
      {
        Sid      = "KeyAliases"
        Effect   = "Allow"
        Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
        Resource = ["arn:aws:kms:${local.in_region}:alias/${local.name}-${join("-", local.zones_of["innovation_development"])}"]
      },
      {
        Sid      = "AliasList"
        Effect   = "Allow"
        Action   = ["kms:ListAliases"]
        Resource = ["*"]
      },
    ]

    roles = [
      {
        Sid      = "Roles"
        Effect   = "Allow"
        Action   = local.role_management
        Resource = ["${local.iam}:role${local.innovation_path}${local.name}-*"]
      },
      {
        # Whatever such a role is given, the boundary stays around it.
        Sid       = "BoundedRoles"
        Effect    = "Allow"
        Action    = local.bounded_role_management
        Resource  = ["${local.iam}:role${local.innovation_path}${local.name}-*"]
        Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arns["innovation_development"] } }
      },
    ]

    # A project ends: what lies in its bucket goes with it, and is not read for that.
    projects = [
      {
        Sid      = "Empty"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource = ["arn:aws:s3:::${local.name}-${local.project}/*"]
      },
    ]

    consumption = [
      {
        Sid    = "Glue"
        Effect = "Allow"
        Action = [
          "glue:CreateDatabase", "glue:DeleteDatabase", "glue:GetDatabase", "glue:UpdateDatabase", "glue:GetTables",
          "glue:DeleteTable", "glue:GetTags", "glue:TagResource", "glue:UntagResource",
        ]
        Resource = [
          "arn:aws:glue:${local.in_region}:catalog",
          "arn:aws:glue:${local.in_region}:database/${local.consumed_database}",
          "arn:aws:glue:${local.in_region}:table/${local.consumed_database}/*",
        ]
      },
      {
        Sid    = "Athena"
        Effect = "Allow"
        Action = [
          "athena:CreateWorkGroup", "athena:DeleteWorkGroup", "athena:GetWorkGroup", "athena:UpdateWorkGroup",
          "athena:ListTagsForResource", "athena:TagResource", "athena:UntagResource",
          "athena:CreateNamedQuery", "athena:DeleteNamedQuery", "athena:GetNamedQuery",
        ]
        Resource = [for who in ["analysts", "pipeline"] : "arn:aws:athena:${local.in_region}:workgroup/${local.name}-${who}"]
      },
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Action = [
          "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:TagResource", "cloudwatch:UntagResource",
        ]
        Resource = ["arn:aws:cloudwatch:${local.in_region}:alarm:${local.name}-queries-cancelled"]
      },
      {
        Sid      = "AlarmsList"
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms"]
        Resource = ["*"]
      },
    ]
  }
}
