# How a workflow ended is published by a job of the GitHub environment <environment>-notification, whose role does nothing else.
locals {
  notification_json = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "Results"
        Effect   = "Allow"
        Action   = ["sns:Publish"]
        Resource = ["arn:aws:sns:${local.in_region}:${local.name}-workflows"]
      },
      {
        # The topic is encrypted, and SNS uses its key in the publisher's name.
        Sid       = "ThroughSns"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = ["arn:aws:kms:${local.in_region}:key/*"]
        Condition = { StringEquals = { "kms:ViaService" = "sns.${var.region}.amazonaws.com" } }
      },
      {
        # That a workflow passed on main is counted, for the alarm nothing-green. A metric is no resource.
        Sid       = "Count"
        Effect    = "Allow"
        Action    = ["cloudwatch:PutMetricData"]
        Resource  = ["*"]
        Condition = { StringEquals = { "cloudwatch:namespace" = "${local.name}/workflows" } }
      },
    ]
  })
}

resource "aws_iam_role" "notification" {
  name = "${local.name}-notification"
  path = local.platform_path

  assume_role_policy = local.signed_in["repo:${var.repository}:environment:${var.environment}-notification"]
}

resource "aws_iam_policy" "notification" {
  name        = "${local.name}-notification"
  path        = local.platform_path
  description = "Publishes how workflows ended"
  policy      = local.notification_json
}

resource "aws_iam_role_policy_attachment" "notification" {
  role       = aws_iam_role.notification.name
  policy_arn = aws_iam_policy.notification.arn
}
