locals {
  name      = "${var.name_prefix}-${var.environment}"
  teams     = ["platform_development", "innovation_development"]
  iam       = "arn:aws:iam::${var.account_id}"
  in_region = "${var.region}:${var.account_id}"
  issuer    = "token.actions.githubusercontent.com"

  # By name, as the lake's own key is named after them.
  zones_of = { for team in local.teams : team => sort([for name, zone in var.zones : name if zone.team == team]) }

  # What both teams may do, each in its own part: its states, its parameters; and read what the other publishes.
  own_part = {
    for team in local.teams : team => [
      {
        Sid      = "States"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = ["arn:aws:s3:::${var.state_bucket}/${team}/${var.environment}/*"]
      },
      {
        # Only the lock file is ever deleted.
        Sid      = "StateLocks"
        Effect   = "Allow"
        Action   = ["s3:DeleteObject"]
        Resource = ["arn:aws:s3:::${var.state_bucket}/${team}/${var.environment}/*.tflock"]
      },
      {
        Sid       = "StateList"
        Effect    = "Allow"
        Action    = ["s3:ListBucket"]
        Resource  = ["arn:aws:s3:::${var.state_bucket}"]
        Condition = { StringLike = { "s3:prefix" = ["${team}/${var.environment}/*"] } }
      },
      {
        Sid       = "StateKey"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = [var.state_kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
      {
        Sid    = "OwnParameters"
        Effect = "Allow"
        Action = ["ssm:PutParameter", "ssm:DeleteParameter", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", "ssm:ListTagsForResource"]
        Resource = [
          "arn:aws:ssm:${local.in_region}:parameter/${var.name_prefix}/${var.environment}/${team}/*",
        ]
      },
      {
        # Parameters hold ids and names, never a secret: this is how values pass between the teams.
        Sid      = "PublishedParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters"]
        Resource = ["arn:aws:ssm:${local.in_region}:parameter/${var.name_prefix}/${var.environment}/*"]
      },
      {
        Sid      = "ParameterList"
        Effect   = "Allow"
        Action   = ["ssm:DescribeParameters"]
        Resource = ["*"]
      },
    ]
  }

  bucket_management = [
    "s3:CreateBucket", "s3:DeleteBucket", "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucket*", "s3:GetEncryptionConfiguration",
    "s3:GetLifecycleConfiguration", "s3:GetAccelerateConfiguration", "s3:GetReplicationConfiguration", "s3:GetMetricsConfiguration",
    "s3:PutBucketPolicy", "s3:DeleteBucketPolicy", "s3:PutBucketNotification", "s3:PutBucketVersioning", "s3:PutBucketTagging", "s3:PutBucketLogging",
    "s3:PutBucketOwnershipControls", "s3:PutBucketPublicAccessBlock", "s3:PutBucketObjectLockConfiguration",
    "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutMetricsConfiguration",
  ]

  # A filter counts what a group's lines say, for an alarm.
  log_group_management = [
    "logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:PutRetentionPolicy", "logs:AssociateKmsKey",
    "logs:ListTagsForResource", "logs:TagResource", "logs:UntagResource",
    "logs:PutMetricFilter", "logs:DescribeMetricFilters", "logs:DeleteMetricFilter",
  ]

  role_management = [
    "iam:GetRole", "iam:DeleteRole", "iam:UpdateRole", "iam:TagRole", "iam:UntagRole",
    "iam:GetRolePolicy", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole",
  ]

  bounded_role_management = ["iam:CreateRole", "iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"]

  key_management = [
    "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:EnableKeyRotation",
    "kms:UpdateKeyDescription", "kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion",
    "kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias",
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_oidc_provider ? 1 : 0
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

# Who takes a role: a job of GitHub's whose token has this subject, and no other.
locals {
  subjects = concat(
    [for team in local.teams : "environment:${var.environment}-${team}"],
    [for team in local.teams : "environment:${var.environment}-${team}-plan"],
    ["environment:${var.environment}-notification", "pull_request"],
  )
  signed_in = { for subject in [for s in local.subjects : "repo:${var.repository}:${s}"] : subject => jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = "${local.iam}:oidc-provider/${local.issuer}" }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = subject
        }
      }
    }]
  }) }
}

# An update of MWAA takes more than an hour, and a session is not renewed: four.
# A team's workflows run in the GitHub environment <environment>-<team>, whose protection rules say who approves.
resource "aws_iam_role" "deploy" {
  for_each             = toset(local.teams)
  name                 = "${local.name}-deploy-${each.key}"
  path                 = "/platform_development/"
  max_session_duration = 14400

  assume_role_policy = local.signed_in["repo:${var.repository}:environment:${var.environment}-${each.key}"]
}

locals {
  policies = merge(
    { for part, statements in local.platform : "platform_development:${part}" => statements },
    { for part, statements in local.innovation : "innovation_development:${part}" => statements },
  )
  policy_json = { for key, statements in local.policies : key => jsonencode({ Version = "2012-10-17", Statement = statements }) }

  # The reading part of the same statements, so that a plan sees what an apply would change and never more.
  reading = "^[a-z0-9-]+:(Decrypt|Describe|Get|List|View)"
  # IAM takes so many characters of a policy: what reads the platform's services is one of its own.
  services = [for part in keys(local.platform_services) : "platform_development:${part}"]
  plan_parts = merge(
    { for team in local.teams : "${team}:read" => [for key in keys(local.policies) : key if startswith(key, "${team}:") && !contains(local.services, key)] },
    { "platform_development:services" = local.services },
  )
  plan_json = { for policy, parts in local.plan_parts : policy => jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [for key in parts : [
        for s in local.policies[key] : merge(s, { Sid = "${title(split(":", key)[1])}${s.Sid}", Action = [for a in s.Action : a if can(regex(local.reading, a))] })
        if anytrue([for a in s.Action : can(regex(local.reading, a))])
      ]]...
    )
  }) }
  # What was planned is kept for those who approve: beside the states, where only this team's roles reach it.
  plans_json = { for team in local.teams : team => jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Plans"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = ["arn:aws:s3:::${var.state_bucket}/${team}/${var.environment}/plans/*"]
      },
      {
        Sid       = "PlansKey"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey"]
        Resource  = [var.state_kms_key_arn]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
    ]
  }) }
  plan_policies = merge(
    local.plan_json,
    { for team, json in local.plans_json : "${team}:plans" => json },
  )
}

resource "aws_iam_policy" "plan" {
  for_each = local.plan_policies
  name     = "${local.name}-plan-${replace(each.key, ":", "-")}"
  path     = "/platform_development/"
  policy   = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "The policy ${each.key} has ${length(each.value)} characters; IAM takes 6144. Split the part."
    }
  }
}

resource "aws_iam_role_policy_attachment" "plan" {
  for_each   = local.plan_policies
  role       = aws_iam_role.plan[split(":", each.key)[0]].name
  policy_arn = aws_iam_policy.plan[each.key].arn
}

# Plans are made before anybody approves, and drift is looked for at night: in the GitHub environment
# <environment>-<team>-plan, by a role that reads and changes nothing.
resource "aws_iam_role" "plan" {
  for_each             = toset(local.teams)
  name                 = "${local.name}-plan-${each.key}"
  path                 = "/platform_development/"
  max_session_duration = 14400

  assume_role_policy = local.signed_in["repo:${var.repository}:environment:${var.environment}-${each.key}-plan"]
}

resource "aws_iam_policy" "deploy" {
  for_each = local.policy_json
  name     = "${local.name}-deploy-${replace(each.key, ":", "-")}"
  path     = "/platform_development/"
  policy   = each.value

  lifecycle {
    precondition {
      condition     = length(each.value) <= 6144
      error_message = "The policy ${each.key} has ${length(each.value)} characters; IAM takes 6144. Split the part."
    }
  }
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = local.policies
  role       = aws_iam_role.deploy[split(":", each.key)[0]].name
  policy_arn = aws_iam_policy.deploy[each.key].arn
}
