# How people open Airflow: a policy for each of its roles, which permission sets of IAM Identity Center refer to by name and path.
# An administrator's, as all that says who may do what: no workflow changes them.
locals {
  people = ["Admin", "Op", "User", "Viewer"]
  people_json = { for role in local.people : role => jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SignIn"
        Effect   = "Allow"
        Action   = ["airflow:CreateWebLoginToken"]
        Resource = ["arn:aws:airflow:${local.in_region}:role/${local.name}/${role}"]
      },
      {
        # The console's list, from which Airflow is opened.
        Sid      = "List"
        Effect   = "Allow"
        Action   = ["airflow:ListEnvironments"]
        Resource = ["*"]
      },
      {
        Sid      = "Find"
        Effect   = "Allow"
        Action   = ["airflow:GetEnvironment"]
        Resource = ["arn:aws:airflow:${local.in_region}:environment/${local.name}"]
      },
      {
        # `make ui`: through the host of this environment alone, which modules/access makes.
        Sid      = "Way"
        Effect   = "Allow"
        Action   = ["ssm:StartSession"]
        Resource = ["arn:aws:ec2:${local.in_region}:instance/*"]
        Condition = {
          StringEquals = { "ssm:resourceTag/Name" = "${local.name}-access" }
          # Without it the session's document is not asked about, and a shell is one.
          BoolIfExists = { "ssm:SessionDocumentAccessCheck" = "true" }
        }
      },
      {
        Sid      = "Forwarding"
        Effect   = "Allow"
        Action   = ["ssm:StartSession"]
        Resource = ["arn:aws:ssm:${var.region}::document/AWS-StartPortForwardingSessionToRemoteHost"]
      },
      {
        Sid      = "OwnSessions"
        Effect   = "Allow"
        Action   = ["ssm:ResumeSession", "ssm:TerminateSession", "ssmmessages:OpenDataChannel"]
        Resource = ["arn:aws:ssm:${local.in_region}:session/$${aws:userid}-*"]
      },
      {
        # EC2 takes no name for it.
        Sid      = "Host"
        Effect   = "Allow"
        Action   = ["ec2:DescribeInstances"]
        Resource = ["*"]
      },
    ]
  }) }
}

resource "aws_iam_policy" "people" {
  for_each    = local.people_json
  name        = "${local.name}-airflow-${lower(each.key)}"
  path        = local.platform_path
  description = "Opens Airflow of ${local.name} as ${each.key}"
  policy      = each.value
}
