locals {
  boundary_arns = { for team in local.teams : team => "${local.iam}:policy${local.platform_path}${local.name}-${split("_", team)[0]}-boundary" }

  # Of the other team's zones, what this one's roles may read.
  lent = [for name, zone in var.zones : "arn:aws:s3:::${local.name}-${name}" if zone.team == "platform_development" && zone.lent]

  # Whoever signs in by a token from outside, as GitHub's workflows do, can do nothing by a role that a team made, whatever
  # trust it was given: services, Databricks and AWS's own sign-in for people are no such providers.
  no_sign_in = {
    Sid       = "NoSignIn"
    Effect    = "Deny"
    Action    = ["*"]
    Resource  = ["*"]
    Condition = { Null = { "aws:FederatedProvider" = "false" } }
  }

  # Code that a team starts on a machine of its own is nothing to the lake either: what its role may there is to hold a way open.
  no_machine = {
    Sid       = "NoMachine"
    Effect    = "Deny"
    Action    = ["airflow:*", "athena:*", "glue:*", "iam:*", "kms:*", "s3:*", "secretsmanager:*", "sts:*"]
    Resource  = ["*"]
    Condition = { Null = { "ec2:SourceInstanceARN" = "false" } }
  }

  # A boundary gives nothing: the platform's roles are bounded by their own policies, and by who can take them.
  platform_boundary = [
    {
      Sid      = "Within"
      Effect   = "Allow"
      Action   = ["*"]
      Resource = ["*"]
    },
    local.no_sign_in,
    local.no_machine,
  ]

  # The most that any role of the innovation team can ever do: data of its lake, what is lent read only, its catalog in Glue.
  innovation_boundary = concat([
    {
      Sid      = "OwnObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
      Resource = [for b in local.innovation_buckets : "${b}/*"]
    },
    {
      Sid      = "Lists"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"]
      Resource = concat(local.innovation_buckets, local.lent)
    },
    {
      Sid       = "Keys"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"]
      Resource  = ["arn:aws:kms:${local.in_region}:key/*"]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
    },
    {
      Sid      = "AssumeThemselves"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = ["${local.iam}:role${local.innovation_path}*"]
    },
    {
      Sid    = "Glue"
      Effect = "Allow"
      Action = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable", "glue:DeleteTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"]
      Resource = [
        "arn:aws:glue:${local.in_region}:catalog", "arn:aws:glue:${local.in_region}:database/${local.consumed_database}",
        "arn:aws:glue:${local.in_region}:table/${local.consumed_database}/*",
      ]
    },
    {
      Sid    = "Athena"
      Effect = "Allow"
      Action = [
        "athena:GetWorkGroup", "athena:StartQueryExecution", "athena:StopQueryExecution", "athena:GetQueryExecution",
        "athena:BatchGetQueryExecution", "athena:ListQueryExecutions", "athena:GetQueryResults", "athena:GetQueryResultsStream",
      ]
      Resource = [for who in ["analysts", "pipeline"] : "arn:aws:athena:${local.in_region}:workgroup/${local.name}-${who}"]
    },
    local.no_sign_in,
    ], [
    for buckets in length(local.lent) == 0 ? [] : [local.lent] : {
      Sid      = "BronzeObjects"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = [for bucket in buckets : "${bucket}/*"]
    }
  ])

  boundary_json = {
    platform_development   = jsonencode({ Version = "2012-10-17", Statement = local.platform_boundary })
    innovation_development = jsonencode({ Version = "2012-10-17", Statement = local.innovation_boundary })
  }
}

resource "aws_iam_policy" "boundary" {
  # checkov:skip=CKV_AWS_62: the platform's boundary allows all that its roles are given; it gives nothing itself
  for_each    = local.boundary_json
  name        = reverse(split("/", local.boundary_arns[each.key]))[0]
  path        = local.platform_path
  description = "Around every role that the ${split("_", each.key)[0]} team makes"
  policy      = each.value
}

moved {
  from = aws_iam_policy.boundary
  to   = aws_iam_policy.boundary["innovation_development"]
}
