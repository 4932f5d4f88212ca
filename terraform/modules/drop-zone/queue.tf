# S3 tells EventBridge of every object, a rule passes on those below input/, and a queue keeps them for Airflow's watcher. S3 tells
# of an upload in parts once it is complete.
locals {
  queue_arns = { for what in ["drop", "drop-dead"] : what => "arn:aws:sqs:${var.region}:${var.account_id}:${var.name}-${what}" }
  rule_arn   = "arn:aws:events:${var.region}:${var.account_id}:rule/${local.bucket}"

  # Whoever else may send by a policy of his own is denied: what rings is a file.
  queue_policies = { for what, arn in local.queue_arns : what => jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Events"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = ["sqs:SendMessage"]
        Resource  = [arn]
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      },
      {
        Sid       = "EventsAlone"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["sqs:SendMessage"]
        Resource  = [arn]
        Condition = { ArnNotEquals = { "aws:SourceArn" = local.rule_arn } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
        Resource  = [arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  }) }
}

resource "aws_cloudwatch_event_rule" "dropped" {
  name        = local.bucket
  description = "A file was put below input/ of ${local.bucket}"
  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = [local.bucket] }
      object = { key = [{ prefix = "input/" }] }
    }
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule = aws_cloudwatch_event_rule.dropped.name
  arn  = aws_sqs_queue.this["drop"].arn

  dead_letter_config {
    arn = aws_sqs_queue.this["drop-dead"].arn
  }
}

# A message names a bucket and a key: SQS's own keys encrypt it, and EventBridge needs no way to the lake's.
resource "aws_sqs_queue" "this" {
  for_each                   = local.queue_arns
  name                       = "${var.name}-${each.key}"
  sqs_managed_sse_enabled    = true
  message_retention_seconds  = each.key == "drop" ? 4 * 86400 : 14 * 86400
  visibility_timeout_seconds = 60
}

resource "aws_sqs_queue_policy" "this" {
  for_each  = aws_sqs_queue.this
  queue_url = each.value.url
  policy    = local.queue_policies[each.key]
}

# What was taken five times and never deleted.
resource "aws_sqs_queue_redrive_policy" "this" {
  queue_url      = aws_sqs_queue.this["drop"].url
  redrive_policy = jsonencode({ deadLetterTargetArn = local.queue_arns["drop-dead"], maxReceiveCount = 5 })

  depends_on = [aws_sqs_queue.this]
}

resource "aws_sqs_queue_redrive_allow_policy" "this" {
  queue_url            = aws_sqs_queue.this["drop-dead"].url
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [local.queue_arns["drop"]] })
}
