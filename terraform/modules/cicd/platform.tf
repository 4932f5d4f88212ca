locals {
  platform_path    = "/platform_development/"
  platform_buckets = [for b in concat(local.zones_of["platform_development"], ["access-logs", "drop", "mwaa", "workspace", "databricks-audit"]) : "arn:aws:s3:::${local.name}-${b}"]

  # The platform team: network, security, the landing zone, MWAA, the Databricks account's side, monitoring.
  platform = merge(local.platform_services, {
    state = local.own_part["platform_development"]

    network = [
      {
        Sid      = "NetworkRead"
        Effect   = "Allow"
        Action   = ["ec2:Describe*", "ec2:GetManagedPrefixListEntries"]
        Resource = ["*"]
      },
      {
        # EC2 names most of these resources only once they exist; the region is the bound.
        Sid    = "Network"
        Effect = "Allow"
        Action = [
          "ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute", "ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute",
          "ec2:CreateInternetGateway", "ec2:DeleteInternetGateway", "ec2:AttachInternetGateway", "ec2:DetachInternetGateway",
          "ec2:AllocateAddress", "ec2:ReleaseAddress", "ec2:DisassociateAddress", "ec2:CreateNatGateway", "ec2:DeleteNatGateway",
          "ec2:CreateRouteTable", "ec2:DeleteRouteTable", "ec2:AssociateRouteTable", "ec2:DisassociateRouteTable",
          "ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute",
          "ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup", "ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress",
          "ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:ModifySecurityGroupRules",
          "ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint",
          "ec2:CreateFlowLogs", "ec2:DeleteFlowLogs", "ec2:CreateTags", "ec2:DeleteTags",
          # Asked of the caller who makes an MWAA environment.
          "ec2:CreateNetworkInterface",
        ]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestedRegion" = var.region } }
      },
      {
        # An endpoint with private DNS brings a hosted zone of AWS's own; Route 53 has no regions.
        Sid      = "PrivateNames"
        Effect   = "Allow"
        Action   = ["route53:AssociateVPCWithHostedZone"]
        Resource = ["*"]
      },
    ]

    # The way to a private Airflow (modules/access).
    access = [
      {
        Sid    = "Hosts"
        Effect = "Allow"
        Action = [
          "ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "ec2:DeleteLaunchTemplate",
          # Asked of the caller who makes a group of hosts.
          "ec2:RunInstances",
          "ec2:CreateTransitGatewayVpcAttachment", "ec2:ModifyTransitGatewayVpcAttachment", "ec2:DeleteTransitGatewayVpcAttachment",
        ]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestedRegion" = var.region } }
      },
      {
        Sid      = "Images"
        Effect   = "Allow"
        Action   = ["ssm:GetParameters"]
        Resource = ["arn:aws:ssm:${var.region}::parameter/aws/service/ami-amazon-linux-latest/*"]
      },
      {
        Sid    = "Groups"
        Effect = "Allow"
        Action = [
          "autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup", "autoscaling:DeleteAutoScalingGroup",
          "autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags", "autoscaling:SetInstanceProtection",
        ]
        Resource = ["arn:aws:autoscaling:${local.in_region}:autoScalingGroup:*:autoScalingGroupName/${local.name}-access"]
      },
      {
        Sid      = "GroupList"
        Effect   = "Allow"
        Action   = ["autoscaling:Describe*"]
        Resource = ["*"]
      },
      {
        Sid    = "Profile"
        Effect = "Allow"
        Action = [
          "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:GetInstanceProfile", "iam:AddRoleToInstanceProfile",
          "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:UntagInstanceProfile",
        ]
        Resource = ["${local.iam}:instance-profile${local.platform_path}${local.name}-access"]
      },
      {
        Sid       = "PassHost"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local.iam}:role${local.platform_path}${local.name}-access"]
        Condition = { StringEquals = { "iam:PassedToService" = ["ec2.amazonaws.com"] } }
      },
    ]

    security = [
      {
        Sid      = "Roles"
        Effect   = "Allow"
        Action   = local.role_management
        Resource = ["${local.iam}:role${local.platform_path}${local.name}-*"]
      },
      {
        # Whatever such a role is given, the boundary stays around it. Workflows' roles have none: those are an administrator's.
        Sid       = "BoundedRoles"
        Effect    = "Allow"
        Action    = local.bounded_role_management
        Resource  = ["${local.iam}:role${local.platform_path}${local.name}-*"]
        Condition = { StringEquals = { "iam:PermissionsBoundary" = local.boundary_arns["platform_development"] } }
      },
      {
        Sid      = "Policies"
        Effect   = "Allow"
        Action   = ["iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions"]
        Resource = ["${local.iam}:policy${local.platform_path}${local.name}-*"]
      },
      {
        Sid       = "PassRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["${local.iam}:role${local.platform_path}${local.name}-*"]
        Condition = { StringEquals = { "iam:PassedToService" = ["airflow.amazonaws.com", "airflow-env.amazonaws.com", "vpc-flow-logs.amazonaws.com"] } }
      },
      {
        Sid       = "ServiceLinkedRoles"
        Effect    = "Allow"
        Action    = ["iam:CreateServiceLinkedRole"]
        Resource  = ["${local.iam}:role/aws-service-role/*"]
        Condition = { StringEquals = { "iam:AWSServiceName" = ["airflow.amazonaws.com", "autoscaling.amazonaws.com", "ecs.amazonaws.com", "rds.amazonaws.com"] } }
      },
      {
        Sid      = "GitHub"
        Effect   = "Allow"
        Action   = ["iam:CreateOpenIDConnectProvider", "iam:GetOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint", "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider"]
        Resource = ["${local.iam}:oidc-provider/${local.issuer}"]
      },
      {
        Sid       = "NewKeys"
        Effect    = "Allow"
        Action    = ["kms:CreateKey"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:RequestTag/team" = "platform_development" } }
      },
      {
        # A tag at creation only: a key that has a team cannot be taken over by tagging it.
        Sid      = "TagNewKeys"
        Effect   = "Allow"
        Action   = ["kms:TagResource"]
        Resource = ["*"]
        Condition = {
          StringEquals = { "aws:RequestTag/team" = "platform_development" }
          Null         = { "aws:ResourceTag/team" = "true" }
        }
      },
      {
        # Grants: MWAA and the log groups take the key over through them, and are asked whether the caller might.
        Sid       = "Keys"
        Effect    = "Allow"
        Action    = concat(local.key_management, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant", "kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"])
        Resource  = ["arn:aws:kms:${local.in_region}:key/*"]
        Condition = { StringEquals = { "aws:ResourceTag/team" = "platform_development" } }
      },
      {
        Sid      = "KeyAliases"
        Effect   = "Allow"
        Action   = ["kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"]
        Resource = ["arn:aws:kms:${local.in_region}:alias/${local.name}-platform", "arn:aws:kms:${local.in_region}:alias/${local.name}-${join("-", local.zones_of["platform_development"])}", "arn:aws:kms:${local.in_region}:alias/${local.name}-databricks"]
      },
      {
        Sid      = "AliasList"
        Effect   = "Allow"
        Action   = ["kms:ListAliases"]
        Resource = ["*"]
      },
    ]

    lake = [
      {
        Sid      = "Buckets"
        Effect   = "Allow"
        Action   = local.bucket_management
        Resource = local.platform_buckets
      },
      {
        # What the delivery pipeline uploads for MWAA; no zone that holds data is among it.
        Sid      = "Deliver"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"]
        Resource = [for b in concat(["mwaa"], [for zone in local.zones_of["platform_development"] : zone if !var.zones[zone].data]) : "arn:aws:s3:::${local.name}-${b}/*"]
      },
    ]
  })
}
