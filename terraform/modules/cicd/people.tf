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
