# `anthill record` for each asset class that is declared here: a service of one task, which people start and stop by the DAG
# `recorder` and the delivery moves from one image to the next.
locals {
  cluster   = "${var.name}-recorder"
  in_region = "${var.region}:${var.account_id}"
}

resource "aws_ecr_repository" "this" {
  name                 = local.cluster
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.deletion_protection

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

# A release is an image: so many can be brought back.
resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name
  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "The newest ${var.images_kept} releases"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.images_kept }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecs_cluster" "this" {
  name = local.cluster

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

# Nobody calls a recorder: it calls the source and AWS.
resource "aws_security_group" "this" {
  name        = local.cluster
  description = "Recorders: out by HTTPS"
  vpc_id      = var.vpc_id
  tags        = { Name = local.cluster }
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.this.id
  description       = "The source and AWS by HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  from_port         = 443
  to_port           = 443
  ip_protocol       = "tcp"
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338: the period differs by environment; prod keeps a year and more
  name              = "/${var.name}/recorder"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_service" "this" {
  for_each = var.classes

  name            = each.key
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this[each.key].arn
  launch_type     = "FARGATE"
  propagate_tags  = "SERVICE"
  # No image is there yet when this is made.
  desired_count = 0
  # The old task ends before the new one begins: the source closes the older of two connections of a key.
  deployment_minimum_healthy_percent = 0
  deployment_maximum_percent         = 100

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.this.id]
    assign_public_ip = false
  }

  lifecycle {
    # The DAG `recorder` sets the one, the delivery the other.
    ignore_changes = [desired_count, task_definition]
  }
}
