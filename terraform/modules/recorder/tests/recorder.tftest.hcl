mock_provider "aws" {
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "111111111111.dkr.ecr.us-east-1.amazonaws.com/anthill-dev-recorder" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/x" }
  }
}

variables {
  name             = "anthill-dev"
  account_id       = "111111111111"
  region           = "us-east-1"
  classes          = { stocks = {}, crypto = { cpu = 512, memory = 1024 } }
  vpc_id           = "vpc-0123456789abcdef0"
  subnet_ids       = ["subnet-1", "subnet-2"]
  kms_key_arn      = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  documents_bucket = "anthill-dev-documents"
  connection_arn   = "arn:aws:secretsmanager:us-east-1:111111111111:secret:anthill/dev/connections/polygon_default-AbCdEf"
  bronze = {
    bucket      = "anthill-dev-bronze"
    kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001"
  }
  topic_arns = {
    alerts  = "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts"
    notices = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  }
  deletion_protection = false
}

run "an_image_is_a_release" {
  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push && aws_ecr_repository.this.encryption_configuration[0].kms_key == var.kms_key_arn
    error_message = "a tag can come to mean another image, or nobody looks for what is known to be wrong with it"
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[0].selection.countNumber == 30
    error_message = "images are kept for ever, or too few"
  }
}

run "a_recorder_is_one_task" {
  assert {
    condition     = alltrue([for class, service in aws_ecs_service.this : service.name == class && service.desired_count == 0 && service.deployment_minimum_healthy_percent == 0 && service.deployment_maximum_percent == 100])
    error_message = "two tasks would close each other's connection, or one starts without an image"
  }
  assert {
    condition     = alltrue([for service in aws_ecs_service.this : service.deployment_circuit_breaker[0].enable && service.deployment_circuit_breaker[0].rollback && !service.network_configuration[0].assign_public_ip])
    error_message = "an image that does not start stays, or a task has an address of its own"
  }
  assert {
    condition     = aws_ecs_cluster.this.name == "anthill-dev-recorder" && output.cluster == aws_ecs_cluster.this.name && keys(aws_ecs_service.this) == ["crypto", "stocks"]
    error_message = "the DAG and the delivery look for services under other names"
  }
  assert {
    condition     = aws_ecs_task_definition.this["crypto"].cpu == "512" && aws_ecs_task_definition.this["stocks"].memory == "512"
    error_message = "a task has another size than was asked for"
  }
}

run "a_task_keeps_what_it_has" {
  assert {
    condition     = [for c in jsondecode(aws_ecs_task_definition.this["stocks"].container_definitions) : c.command] == [["record", "stocks", "--holder", "stocks", "--spool", "/var/lib/anthill/spool", "--emf"]]
    error_message = "another asset class is recorded, or a restart waits for its own lease"
  }
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this["stocks"].container_definitions) : c.restartPolicy.enabled && c.readonlyRootFilesystem && c.mountPoints[0].containerPath == "/var/lib/anthill" && c.user == "50000"])
    error_message = "a killed process loses its spool, or may write elsewhere"
  }
  assert {
    condition     = alltrue([for c in jsondecode(aws_ecs_task_definition.this["stocks"].container_definitions) : c.secrets == [{ name = "POLYGON_API_KEY", valueFrom = "${var.connection_arn}:password::" }] && !contains([for e in c.environment : e.name], "POLYGON_API_KEY")])
    error_message = "the key stands in the definition"
  }
  assert {
    condition     = alltrue([for rule in [aws_vpc_security_group_egress_rule.https] : rule.from_port == 443 && rule.to_port == 443])
    error_message = "a recorder reaches more than HTTPS"
  }
}

run "alarms_are_of_each_class" {
  assert {
    condition     = output.alarm_names == tolist([for alarm in ["interrupted-crypto", "interrupted-stocks", "refused-crypto", "refused-stocks", "silent-crypto", "silent-stocks", "waiting-crypto", "waiting-stocks"] : "anthill-dev-recorder-${alarm}"])
    error_message = "a class is not watched"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["recorder-silent-stocks"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["recorder-silent-stocks"].alarm_actions == toset([var.topic_arns.alerts]) && aws_cloudwatch_metric_alarm.this["recorder-silent-stocks"].dimensions == tomap({ AssetClass = "stocks" })
    error_message = "a recorder that does not run is silent"
  }
}

run "nothing_runs_unasked" {
  variables {
    classes = {}
  }
  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_ecs_task_definition.this) == 0 && length(aws_cloudwatch_metric_alarm.this) == 0
    error_message = "something is recorded that nobody asked for"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    name       = "Anthill"
    account_id = "12345"
    region     = "us_east"
    vpc_id     = "default"
    subnet_ids = []
    # an alias as key
    kms_key_arn    = "alias/anthill"
    connection_arn = "anthill/dev/connections/polygon_default"
    bronze         = { bucket = "Bronze", kms_key_arn = "alias/anthill" }
    topic_arns     = { alerts = "alerts", notices = "notices" }
    # CloudWatch has no such period
    log_retention_days = 31
    # nothing to go back to
    images_kept = 1
    # no folder
    iam_path = "platform"
    # a role as boundary
    permissions_boundary_arn = "arn:aws:iam::111111111111:role/x"
  }
  expect_failures = [
    var.name, var.account_id, var.region, var.vpc_id, var.subnet_ids, var.kms_key_arn, var.connection_arn, var.bronze,
    var.topic_arns, var.log_retention_days, var.images_kept, var.iam_path, var.permissions_boundary_arn,
  ]
}

run "refuses_documents_in_the_bucket_of_bronze" {
  command = plan
  variables {
    documents_bucket = "anthill-dev-bronze"
  }
  expect_failures = [var.documents_bucket]
}

run "refuses_a_class_by_another_name" {
  command = plan
  variables {
    classes = { "US Stocks" = {} }
  }
  expect_failures = [var.classes]
}

run "refuses_a_size_that_fargate_does_not_have" {
  command = plan
  variables {
    classes = { stocks = { cpu = 256, memory = 4096 } }
  }
  expect_failures = [var.classes]
}
