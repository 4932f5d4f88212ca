locals {
  role_name = "${var.name}-mwaa"
  landed    = compact([var.bronze.bucket, var.personal_bucket])
  via       = [for service in ["s3", "sqs", "secretsmanager", "sns"] : "${service}.${var.region}.amazonaws.com"]

  statements = concat([
    {
      Sid      = "Metrics"
      Effect   = "Allow"
      Action   = ["airflow:PublishMetrics"]
      Resource = ["arn:aws:airflow:${var.region}:${var.account_id}:environment/${var.name}"]
    },
    {
      # A task writes its run's note through Airflow's REST API, as a user who may edit runs and administer nothing.
      Sid      = "RunNotes"
      Effect   = "Allow"
      Action   = ["airflow:InvokeRestApi"]
      Resource = ["arn:aws:airflow:${var.region}:${var.account_id}:role/${var.name}/User"]
    },
    {
      Sid      = "OwnBucket"
      Effect   = "Allow"
      Action   = ["s3:GetObject*", "s3:GetBucket*", "s3:List*"]
      Resource = ["arn:aws:s3:::${var.name}-mwaa", "arn:aws:s3:::${var.name}-mwaa/*"]
    },
    {
      # These three name no resource.
      Sid      = "Unscoped"
      Effect   = "Allow"
      Action   = ["s3:GetAccountPublicAccessBlock", "logs:DescribeLogGroups", "cloudwatch:PutMetricData"]
      Resource = ["*"]
    },
    {
      Sid    = "Logs"
      Effect = "Allow"
      Action = [
        "logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents", "logs:GetLogEvents",
        "logs:GetLogRecord", "logs:GetLogGroupFields", "logs:GetQueryResults",
      ]
      Resource = ["arn:aws:logs:${var.region}:${var.account_id}:log-group:airflow-${var.name}-*"]
    },
    {
      # The queues lie in an account of the service.
      Sid    = "Queues"
      Effect = "Allow"
      Action = [
        "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:SendMessage",
      ]
      Resource = ["arn:aws:sqs:${var.region}:*:airflow-celery-*"]
    },
    {
      Sid       = "Key"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey*", "kms:Encrypt"]
      Resource  = [var.kms_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = local.via } }
    },
    {
      Sid      = "Secrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = ["arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:${var.secrets_prefix}/*"]
    },
    {
      # Landing creates and reads revisions; it has no way to delete one.
      Sid      = "LandObjects"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"]
      Resource = [for place in setproduct(local.landed, var.bronze.prefixes) : "arn:aws:s3:::${place[0]}/${place[1]}*"]
    },
    {
      # Plans of who may do what, and who approved them: bronze's own policy lets each be written once.
      Sid      = "Governance"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:GetObject"]
      Resource = ["arn:aws:s3:::${var.bronze.bucket}/governance/*"]
    },
    {
      # The policies of the buckets tell apart: bronze's objects are created, documents are replaced by who has read them.
      Sid      = "Documents"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:GetObject"]
      Resource = [for prefix in var.bronze.prefixes : "arn:aws:s3:::${var.documents_bucket}/${prefix}*"]
    },
    {
      Sid      = "LandList"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
      Resource = [for bucket in concat(local.landed, [var.documents_bucket]) : "arn:aws:s3:::${bucket}"]
    },
    {
      Sid       = "LandKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = [var.bronze.kms_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = ["s3.${var.region}.amazonaws.com"] } }
    },
    ], [
    # The role's own identity, as a token that only Databricks takes: no secret is stored.
    for audience in(var.databricks.auth == "federated" ? ["databricks"] : []) : {
      Sid      = "DatabricksToken"
      Effect   = "Allow"
      Action   = ["sts:GetWebIdentityToken"]
      Resource = ["*"]
      Condition = {
        "ForAllValues:StringEquals" = { "sts:IdentityTokenAudience" = [audience] }
        Null                        = { "sts:IdentityTokenAudience" = "false" }
        NumericLessThanEquals       = { "sts:DurationSeconds" = "300" }
      }
    }
    ], [
    for bucket in compact([var.personal_bucket]) : {
      Sid      = "Erasure"
      Effect   = "Allow"
      Action   = ["sts:AssumeRole"]
      Resource = [local.erasure_arn]
    }
    ], [
    for topics in length(var.topic_arns) == 0 ? [] : [values(var.topic_arns)] : {
      Sid      = "Alerts"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = topics
    }
  ], local.consumption, local.drops, local.recorders, local.policy_readings)
}

resource "aws_iam_role" "execution" {
  name                 = local.role_name
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["airflow.amazonaws.com", "airflow-env.amazonaws.com"] }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "execution" {
  name   = "mwaa-execution"
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}
