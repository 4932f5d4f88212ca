locals {
  # A session's role; a person's or the root's event has none.
  role = "$.userIdentity.sessionContext.sessionIssuer.arn"

  # Where one alone is no news.
  many = { for name in ["bronze-denied", "personal-denied", "documents-denied"] : name => { over = 20, seconds = 3600 } }

  # What of the recorded events somebody has to look at, at once. A pattern has at most 1,024 characters.
  watched = {
    root-sign-in = {
      text    = "The account's root user did something: nobody should. Ask who it was, and change its password and keys if nobody knows."
      pattern = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }"
    }
    policy-changed = {
      text = "The policy of a bucket or key was changed by no workflow of ours: who may read the data may be others now. Look who it was, and plan `lake` and `security`."
      pattern = join(" ", [
        "{ ($.eventName = \"PutBucketPolicy\" || $.eventName = \"DeleteBucketPolicy\" || $.eventName = \"PutKeyPolicy\") &&",
        "$.errorCode NOT EXISTS && (${local.role} NOT EXISTS || ${local.role} != \"${var.workflow_roles}\") }",
      ])
    }
    secret-read = {
      text = "A secret was read by somebody who is none of its readers: rotate it first, then look who it was."
      pattern = join(" ", [
        "{ $.eventSource = \"secretsmanager.amazonaws.com\" && $.errorCode NOT EXISTS &&",
        "(($.eventName = \"GetSecretValue\" && $.requestParameters.secretId = \"*${var.connections_prefix}/*\") || $.eventName = \"BatchGetSecretValue\") &&",
        "(${local.role} NOT EXISTS || ${local.role} != \"${var.reader_role}\") }",
      ])
    }
    delete-denied = {
      text = "Something tried to delete what was landed, or what is known of it, and was refused: nothing is lost. Look who it was; neither is ever deleted."
      pattern = join(" ", [
        "{ $.eventSource = \"s3.amazonaws.com\" && $.errorCode = \"AccessDenied\" && $.eventName = \"Delete*\" &&",
        "($.requestParameters.bucketName = \"${var.bronze_bucket}\" || $.requestParameters.bucketName = \"${var.personal_bucket}\" ||",
        "$.requestParameters.bucketName = \"${var.documents_bucket}\") }",
      ])
    }
    bronze-denied = {
      text = "Bronze refused over ${local.many["bronze-denied"].over} requests in an hour for want of a right: a policy changed, or something tries to replace what was landed."
      # S3's own metric counts each 404 and 412, too, which landing expects.
      pattern = join(" ", [
        "{ $.eventSource = \"s3.amazonaws.com\" && $.errorCode = \"AccessDenied\" &&",
        "$.requestParameters.bucketName = \"${var.bronze_bucket}\" }",
      ])
    }
    personal-denied = {
      text = "The people's bucket refused over ${local.many["personal-denied"].over} requests in an hour for want of a right: a policy changed, or somebody reads or erases who may not."
      pattern = join(" ", [
        "{ $.eventSource = \"s3.amazonaws.com\" && $.errorCode = \"AccessDenied\" &&",
        "$.requestParameters.bucketName = \"${var.personal_bucket}\" }",
      ])
    }
    documents-denied = {
      text = "The documents' bucket refused over ${local.many["documents-denied"].over} requests in an hour for want of a right: what is known of coverage stands still, or something replaces what it has not read."
      pattern = join(" ", [
        "{ $.eventSource = \"s3.amazonaws.com\" && $.errorCode = \"AccessDenied\" &&",
        "$.requestParameters.bucketName = \"${var.documents_bucket}\" }",
      ])
    }
    shell-opened = {
      text = "A session of Systems Manager was opened that is no way to Airflow: a shell, on a machine that nobody works on. Look who it was."
      pattern = join(" ", [
        "{ $.eventSource = \"ssm.amazonaws.com\" && $.eventName = \"StartSession\" && $.errorCode NOT EXISTS &&",
        "($.requestParameters.documentName NOT EXISTS || $.requestParameters.documentName != \"AWS-StartPortForwardingSessionToRemoteHost\") }",
      ])
    }
    trail-changed = {
      text = "The recording itself was changed or stopped: start it again (bootstrap), and look who it was."
      pattern = join(" ", [
        "{ $.eventSource = \"cloudtrail.amazonaws.com\" && ($.eventName = \"StopLogging\" || $.eventName = \"DeleteTrail\" ||",
        "$.eventName = \"UpdateTrail\" || $.eventName = \"PutEventSelectors\") }",
      ])
    }
  }
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each       = local.watched
  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this.name
  pattern        = each.value.pattern

  metric_transformation {
    name      = each.key
    namespace = "${var.name}/trail"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.watched
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.text
  namespace           = "${var.name}/trail"
  metric_name         = aws_cloudwatch_log_metric_filter.this[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = try(local.many[each.key].seconds, 300)
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = try(local.many[each.key].over, 0)
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this.arn]
}

# The service writes its log without an event that says it stopped.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.name}-trail-silent"
  alarm_description   = "Nothing was recorded for a day: the trail is stopped, or may not write. `aws cloudtrail get-trail-status` says why."
  namespace           = "AWS/Logs"
  metric_name         = "IncomingLogEvents"
  dimensions          = { LogGroupName = aws_cloudwatch_log_group.this.name }
  statistic           = "Sum"
  period              = 86400
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.this.arn]
}

resource "aws_sns_topic" "this" {
  name              = "${var.name}-trail"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_policy" "this" {
  arn = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Alarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["sns:Publish"]
        Resource  = [aws_sns_topic.this.arn]
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["sns:Publish"]
        Resource  = [aws_sns_topic.this.arn]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each  = var.emails
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}
