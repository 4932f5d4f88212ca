resource "aws_sns_topic" "this" {
  for_each          = toset(["alerts", "notices", "workflows"])
  name              = "${var.name}-${each.key}"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this
  arn      = each.value.arn
  policy = jsonencode({
    Version = "2012-10-17"
    # What workflows' results are published by has a right of its own: no service of AWS tells of them.
    Statement = [for statement in [
      {
        Sid       = "AlarmsAndBudgets"
        Effect    = "Allow"
        Principal = { Service = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"] }
        Action    = ["sns:Publish"]
        Resource  = [each.value.arn]
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["sns:Publish"]
        Resource  = [each.value.arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ] : statement if each.key != "workflows" || statement.Sid == "TlsOnly"]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = { for pair in flatten([for topic, emails in var.emails : [for e in emails : { topic = topic, email = e }]]) : "${pair.topic}:${pair.email}" => pair }
  topic_arn = aws_sns_topic.this[each.value.topic].arn
  protocol  = "email"
  endpoint  = each.value.email
}

# One subscription an address, for SNS keeps no second: SNS itself leaves out the results that it is not to be told of.
resource "aws_sns_topic_subscription" "workflow" {
  for_each      = toset(flatten([for emails in values(var.workflow_emails) : tolist(emails)]))
  topic_arn     = aws_sns_topic.this["workflows"].arn
  protocol      = "email"
  endpoint      = each.value
  filter_policy = jsonencode({ result = sort([for result, emails in var.workflow_emails : result if contains(emails, each.value)]) })
}
