# People's way to a private web server without open ports: a host that Systems Manager forwards through. It answers to
# nobody by itself, holds nothing, and is replaced each month by the newest image.
locals {
  hosts      = var.kind == "ssm" ? 1 : 0
  host_name  = "${var.name}-access"
  host_json  = jsonencode({ Version = "2012-10-17", Statement = [local.host_right] })
  trust_json = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })

  # What Session Manager's agent asks for, of all that AmazonSSMManagedInstanceCore allows.
  host_right = {
    Sid    = "Sessions"
    Effect = "Allow"
    Action = [
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
    ]
    Resource = ["*"]
  }
}

resource "aws_security_group" "host" {
  # checkov:skip=CKV2_AWS_5: attached by the launch template
  count       = local.hosts
  name        = local.host_name
  description = "The host that people reach Airflow through: nothing comes in"
  vpc_id      = var.vpc_id
  tags        = { Name = local.host_name }
}

resource "aws_vpc_security_group_egress_rule" "web_server" {
  count                        = local.hosts
  security_group_id            = aws_security_group.host[0].id
  description                  = "Airflow's web server"
  referenced_security_group_id = var.web_server_security_group_id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
}

# Systems Manager is called by the host, never the other way round.
resource "aws_vpc_security_group_egress_rule" "sessions" {
  count                        = local.hosts
  security_group_id            = aws_security_group.host[0].id
  description                  = "Systems Manager"
  cidr_ipv4                    = var.nat ? "0.0.0.0/0" : null
  referenced_security_group_id = var.nat ? null : var.endpoints_security_group_id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
}

resource "aws_vpc_security_group_ingress_rule" "host" {
  count                        = local.hosts
  security_group_id            = var.web_server_security_group_id
  description                  = "The host that people reach Airflow through"
  referenced_security_group_id = aws_security_group.host[0].id
  from_port                    = 443
  to_port                      = 443
  ip_protocol                  = "tcp"
}

# The endpoint of ssm is there wherever there is no NAT; the agent's present versions use no ec2messages.
resource "aws_vpc_endpoint" "sessions" {
  count               = var.nat ? 0 : local.hosts
  vpc_id              = var.vpc_id
  service_name        = "com.amazonaws.${var.region}.ssmmessages"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = var.subnet_ids
  security_group_ids  = [var.endpoints_security_group_id]
  tags                = { Name = "${var.name}-ssmmessages" }
}

resource "aws_iam_role" "host" {
  count                = local.hosts
  name                 = local.host_name
  path                 = var.iam_path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = local.trust_json
}

resource "aws_iam_role_policy" "host" {
  count  = local.hosts
  name   = "hold-sessions"
  role   = aws_iam_role.host[0].id
  policy = local.host_json
}

resource "aws_iam_instance_profile" "host" {
  count = local.hosts
  name  = local.host_name
  path  = var.iam_path
  role  = aws_iam_role.host[0].name
}

resource "aws_launch_template" "host" {
  count         = local.hosts
  name          = local.host_name
  description   = "The host that people reach Airflow through"
  image_id      = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
  instance_type = "t4g.nano"

  iam_instance_profile {
    arn = aws_iam_instance_profile.host[0].arn
  }

  network_interfaces {
    associate_public_ip_address = false
    delete_on_termination       = true
    security_groups             = [aws_security_group.host[0].id]
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      encrypted             = true
      volume_type           = "gp3"
      volume_size           = 8
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume"])
    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = local.host_name })
    }
  }
}

# A group of one: a host that is ill or a month old makes room for a new one, in any of the zones.
resource "aws_autoscaling_group" "host" {
  count                 = local.hosts
  name                  = local.host_name
  min_size              = 1
  max_size              = 1
  vpc_zone_identifier   = var.subnet_ids
  max_instance_lifetime = 30 * 86400

  launch_template {
    id      = aws_launch_template.host[0].id
    version = aws_launch_template.host[0].latest_version
  }

  dynamic "tag" {
    for_each = merge(var.tags, { Name = local.host_name })
    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }
}
