# A pull request is told what it would change in the first environment, before anybody has read it: what it runs is its
# author's. So its role is that environment's alone, reads what both teams' plans read, and can neither keep a plan nor see one that was kept.
locals {
  previews = toset(var.environment == var.preview_environment ? ["pull-request"] : [])

  # Around the role, whatever it is given: reading, and nothing of the plans that others keep for who approves.
  preview_boundary = [
    {
      Sid      = "Reading"
      Effect   = "Allow"
      Action   = sort(distinct(flatten([for json in values(local.plan_json) : [for s in jsondecode(json).Statement : s.Action]])))
      Resource = ["*"]
    },
    {
      Sid      = "KeptPlans"
      Effect   = "Deny"
      Action   = ["s3:GetObject*", "s3:PutObject*"]
      Resource = [for team in local.teams : "arn:aws:s3:::${var.state_bucket}/${team}/${var.environment}/plans/*"]
    },
  ]
  preview_boundary_json = jsonencode({ Version = "2012-10-17", Statement = local.preview_boundary })
}

resource "aws_iam_policy" "preview_boundary" {
  for_each    = local.previews
  name        = "${local.name}-pull-request-boundary"
  path        = local.platform_path
  description = "Around the role that plans a pull request"
  policy      = local.preview_boundary_json

  lifecycle {
    precondition {
      condition     = length(local.preview_boundary_json) <= 6144
      error_message = "The boundary has ${length(local.preview_boundary_json)} characters; IAM takes 6144."
    }
  }
}

# GitHub gives a pull request of a fork no token, so only who may write to the repository gets here.
resource "aws_iam_role" "preview" {
  for_each             = local.previews
  name                 = "${local.name}-plan-${each.key}"
  path                 = local.platform_path
  permissions_boundary = aws_iam_policy.preview_boundary[each.key].arn
  max_session_duration = 14400

  assume_role_policy = local.signed_in["repo:${var.repository}:pull_request"]
}

resource "aws_iam_role_policy_attachment" "preview" {
  for_each   = { for policy in keys(local.plan_json) : trimsuffix(policy, ":read") => policy if length(local.previews) > 0 }
  role       = aws_iam_role.preview["pull-request"].name
  policy_arn = aws_iam_policy.plan[each.value].arn
}
