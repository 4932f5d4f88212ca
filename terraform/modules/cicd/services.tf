# What the platform team makes of services beside Airflow, and what watches them; a part is a policy of its own.
locals {
  platform_services = {
    # What tells Airflow of a dropped file (modules/drop-zone).
    drops = [
      {
        Sid    = "Queues"
        Effect = "Allow"
        Action = [
          "sqs:CreateQueue", "sqs:DeleteQueue", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:GetQueueUrl",
          "sqs:ListQueueTags", "sqs:TagQueue", "sqs:UntagQueue",
        ]
        Resource = [for queue in ["drop", "drop-dead"] : "arn:aws:sqs:${local.in_region}:${local.name}-${queue}"]
      },
      {
        Sid    = "Rules"
        Effect = "Allow"
        Action = [
          "events:PutRule", "events:DeleteRule", "events:DescribeRule", "events:PutTargets", "events:RemoveTargets",
          "events:ListTargetsByRule", "events:ListTagsForResource", "events:TagResource", "events:UntagResource",
        ]
        Resource = ["arn:aws:events:${local.in_region}:rule/${local.name}-drop"]
      },
    ]

    # Who listens to streams (modules/recorder), and the images that they are.
    recorder = [
      {
        Sid    = "Images"
        Effect = "Allow"
        Action = [
          "ecr:CreateRepository", "ecr:DeleteRepository", "ecr:DescribeRepositories", "ecr:ListTagsForResource", "ecr:TagResource",
          "ecr:UntagResource", "ecr:PutImageTagMutability", "ecr:PutImageScanningConfiguration", "ecr:PutLifecyclePolicy",
          "ecr:GetLifecyclePolicy", "ecr:DeleteLifecyclePolicy",
          # A release's image, and what is known to be wrong with it.
          "ecr:BatchCheckLayerAvailability", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage",
          "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:DescribeImageScanFindings",
        ]
        Resource = ["arn:aws:ecr:${local.in_region}:repository/${local.name}-recorder"]
      },
      {
        # These name no resource.
        Sid      = "Unscoped"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken", "ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition"]
        Resource = ["*"]
      },
      {
        Sid    = "Cluster"
        Effect = "Allow"
        Action = [
          "ecs:CreateCluster", "ecs:DeleteCluster", "ecs:DescribeClusters", "ecs:UpdateCluster", "ecs:UpdateClusterSettings",
          "ecs:ListTagsForResource", "ecs:TagResource", "ecs:UntagResource",
          "ecs:CreateService", "ecs:DeleteService", "ecs:DescribeServices", "ecs:UpdateService", "ecs:RegisterTaskDefinition",
        ]
        Resource = [
          "arn:aws:ecs:${local.in_region}:cluster/${local.name}-recorder",
          "arn:aws:ecs:${local.in_region}:service/${local.name}-recorder/*",
          "arn:aws:ecs:${local.in_region}:task-definition/${local.name}-recorder-*",
        ]
      },
      {
        Sid       = "PassTasks"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local.iam}:role${local.platform_path}${local.name}-recorder-*"]
        Condition = { StringEquals = { "iam:PassedToService" = ["ecs-tasks.amazonaws.com"] } }
      },
    ]

    # A database into which stars are loaded (modules/warehouse), and the password that RDS makes for it.
    warehouse = [
      {
        Sid    = "Databases"
        Effect = "Allow"
        Action = [
          "rds:CreateDBInstance", "rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:DeleteDBInstance", "rds:DescribeDBInstances", "rds:CreateDBSnapshot",
          "rds:CreateDBSubnetGroup", "rds:ModifyDBSubnetGroup", "rds:DeleteDBSubnetGroup", "rds:DescribeDBSubnetGroups",
          "rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup", "rds:DeleteDBParameterGroup",
          "rds:DescribeDBParameterGroups", "rds:DescribeDBParameters",
          "rds:ListTagsForResource", "rds:AddTagsToResource", "rds:RemoveTagsFromResource",
        ]
        Resource = concat(
          [for kind in ["db", "subgrp", "pg", "snapshot"] : "arn:aws:rds:${local.in_region}:${kind}:${local.name}-warehouse*"],
          ["arn:aws:rds:${local.in_region}:og:default:postgres-*"],
        )
      },
      {
        Sid      = "Passwords"
        Effect   = "Allow"
        Action   = ["secretsmanager:CreateSecret", "secretsmanager:TagResource", "secretsmanager:RotateSecret"]
        Resource = ["arn:aws:secretsmanager:${local.in_region}:secret:rds!db-*"]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = local.log_group_management
        Resource = ["arn:aws:logs:${local.in_region}:log-group:/aws/rds/instance/${local.name}-warehouse/*"]
      },
    ]

    operations = [
      {
        Sid    = "Mwaa"
        Effect = "Allow"
        Action = [
          "airflow:CreateEnvironment", "airflow:GetEnvironment", "airflow:UpdateEnvironment", "airflow:DeleteEnvironment",
          "airflow:TagResource", "airflow:UntagResource", "airflow:ListTagsForResource", "airflow:InvokeRestApi",
        ]
        Resource = ["arn:aws:airflow:${local.in_region}:environment/${local.name}", "arn:aws:airflow:${local.in_region}:role/${local.name}/Admin"]
      },
      {
        Sid    = "Secrets"
        Effect = "Allow"
        Action = [
          "secretsmanager:CreateSecret", "secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret", "secretsmanager:UpdateSecret",
          "secretsmanager:GetResourcePolicy", "secretsmanager:PutSecretValue", "secretsmanager:TagResource", "secretsmanager:UntagResource",
        ]
        Resource = ["arn:aws:secretsmanager:${local.in_region}:secret:${var.name_prefix}/${var.environment}/*"]
      },
      {
        # Terraform reads back only the values that it wrote itself, and none of these is a secret.
        Sid    = "KnownValues"
        Effect = "Allow"
        Action = ["secretsmanager:GetSecretValue"]
        Resource = [
          "arn:aws:secretsmanager:${local.in_region}:secret:${var.name_prefix}/${var.environment}/connections/databricks_default-*",
          "arn:aws:secretsmanager:${local.in_region}:secret:${var.name_prefix}/${var.environment}/variables/*",
        ]
      },
      {
        Sid      = "LogGroups"
        Effect   = "Allow"
        Action   = local.log_group_management
        Resource = ["arn:aws:logs:${local.in_region}:log-group:airflow-${local.name}-*", "arn:aws:logs:${local.in_region}:log-group:/${local.name}/*"]
      },
      {
        Sid    = "Alarms"
        Effect = "Allow"
        Action = [
          "cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:ListTagsForResource", "cloudwatch:TagResource",
          "cloudwatch:UntagResource", "cloudwatch:PutDashboard", "cloudwatch:GetDashboard", "cloudwatch:DeleteDashboards",
        ]
        Resource = ["arn:aws:cloudwatch:${local.in_region}:alarm:${local.name}-*", "arn:aws:cloudwatch::${var.account_id}:dashboard/${local.name}"]
      },
      {
        Sid      = "Lists"
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms", "logs:DescribeLogGroups"]
        Resource = ["*"]
      },
      {
        Sid    = "Topics"
        Effect = "Allow"
        Action = [
          "sns:CreateTopic", "sns:DeleteTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:Subscribe",
          "sns:ListTagsForResource", "sns:TagResource", "sns:UntagResource",
        ]
        Resource = [for topic in ["alerts*", "notices*", "workflows"] : "arn:aws:sns:${local.in_region}:${local.name}-${topic}"]
      },
      {
        # SNS names no resource for these.
        Sid      = "Subscriptions"
        Effect   = "Allow"
        Action   = ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"]
        Resource = ["*"]
      },
      {
        Sid      = "Budgets"
        Effect   = "Allow"
        Action   = ["budgets:ViewBudget", "budgets:ModifyBudget", "budgets:ListTagsForResource", "budgets:TagResource", "budgets:UntagResource"]
        Resource = ["arn:aws:budgets::${var.account_id}:budget/${local.name}"]
      },
    ]
  }
}
