# What a task runs. Its root is read only; what S3 does not have yet lies on the task's own disk, which outlives the process
# and goes with the task: then a part of five minutes is a gap, which is listed and fetched by REST.
locals {
  spool = "/var/lib/anthill"

  containers = { for class, size in var.classes : class => [{
    name                   = "recorder"
    image                  = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com/${local.cluster}:none" # the delivery names one by its digest
    essential              = true
    command                = ["record", class, "--holder", class, "--spool", "${local.spool}/spool", "--emf"]
    readonlyRootFilesystem = true
    user                   = "50000"
    stopTimeout            = 60
    environment = [
      { name = "ANTHILL_BRONZE_BUCKET", value = var.bronze.bucket },
      { name = "ANTHILL_DOCUMENTS_BUCKET", value = var.documents_bucket },
      { name = "AWS_DEFAULT_REGION", value = var.region },
      { name = "TMPDIR", value = local.spool },
    ]
    secrets     = [{ name = "POLYGON_API_KEY", valueFrom = "${var.connection_arn}:password::" }]
    mountPoints = [{ sourceVolume = "spool", containerPath = local.spool, readOnly = false }]
    # A process that is killed begins again where its spool is; one that has ended by itself has a reason.
    restartPolicy = { enabled = true, ignoredExitCodes = [0, 1], restartAttemptPeriod = 60 }
    # Whether it answers, not whether it is well: a new task does not bring the source back, and takes the spool away.
    healthCheck = {
      command     = ["CMD", "python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8796, timeout=5); c.request('GET', '/health'); c.getresponse()"]
      interval    = 30
      timeout     = 10
      retries     = 10
      startPeriod = 120
    }
    linuxParameters = { initProcessEnabled = true }
    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = "/${var.name}/recorder"
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = class
      }
    }
  }] }
}

resource "aws_ecs_task_definition" "this" {
  for_each = var.classes

  family                   = "${local.cluster}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.cpu
  memory                   = each.value.memory
  execution_role_arn       = aws_iam_role.this["start"].arn
  task_role_arn            = aws_iam_role.this["record"].arn
  container_definitions    = jsonencode(local.containers[each.key])

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  volume {
    name = "spool"
  }
}
