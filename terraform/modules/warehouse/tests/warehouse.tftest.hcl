mock_provider "aws" {
  mock_resource "aws_db_instance" {
    defaults = {
      address            = "anthill-dev-warehouse.abcdefghijkl.us-east-1.rds.amazonaws.com"
      master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-x", secret_status = "active", kms_key_id = "x" }] # pragma: allowlist secret
    }
  }
}

variables {
  name                     = "anthill-dev"
  vpc_id                   = "vpc-0123456789abcdef0"
  subnet_ids               = ["subnet-1", "subnet-2"]
  loader_security_group_id = "sg-1"
  kms_key_arn              = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  topic_arns = {
    alerts  = "arn:aws:sns:us-east-1:111111111111:anthill-dev-alerts"
    notices = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"
  }
  deletion_protection = false
}

run "the_loader_alone_comes_in" {
  assert {
    condition     = aws_vpc_security_group_ingress_rule.loader.security_group_id == aws_security_group.this.id && aws_vpc_security_group_ingress_rule.loader.referenced_security_group_id == "sg-1" && aws_vpc_security_group_ingress_rule.loader.from_port == 5432 && aws_vpc_security_group_ingress_rule.loader.to_port == 5432
    error_message = "somebody else than the loader comes in, or to another port"
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.loader.security_group_id == "sg-1" && aws_vpc_security_group_egress_rule.loader.referenced_security_group_id == aws_security_group.this.id && aws_vpc_security_group_egress_rule.loader.from_port == 5432 && aws_vpc_security_group_egress_rule.loader.to_port == 5432
    error_message = "the loader does not get out to the warehouse, or gets further"
  }
  assert {
    condition     = !aws_db_instance.this.publicly_accessible && aws_db_instance.this.vpc_security_group_ids == toset([aws_security_group.this.id]) && aws_db_instance.this.db_subnet_group_name == aws_db_subnet_group.this.name && aws_db_subnet_group.this.subnet_ids == toset(var.subnet_ids)
    error_message = "the instance has an address outside, another group, or lies in other subnets"
  }
}

run "nothing_travels_or_lies_in_the_clear" {
  assert {
    condition     = { for p in aws_db_parameter_group.this.parameter : p.name => p.value }["rds.force_ssl"] == "1" && aws_db_instance.this.parameter_group_name == aws_db_parameter_group.this.name && aws_db_parameter_group.this.family == "postgres18" && aws_db_instance.this.engine_version == "18"
    error_message = "the server takes connections without TLS"
  }
  assert {
    condition     = aws_db_instance.this.storage_encrypted && alltrue([for key in [aws_db_instance.this.kms_key_id, aws_db_instance.this.performance_insights_kms_key_id, aws_db_instance.this.master_user_secret_kms_key_id, aws_cloudwatch_log_group.this.kms_key_id] : key == var.kms_key_arn])
    error_message = "disk, statements, password or log are not encrypted by the key"
  }
  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.password == null && output.master_secret_arn == "arn:aws:secretsmanager:us-east-1:111111111111:secret:rds!db-x" # pragma: allowlist secret
    error_message = "the administrator's password stands in the state, or nobody learns where it is"
  }
}

run "what_is_lost_can_be_had_again" {
  assert {
    condition     = aws_db_instance.this.backup_retention_period == 7 && aws_db_instance.this.copy_tags_to_snapshot && aws_db_instance.this.auto_minor_version_upgrade && aws_db_instance.this.allocated_storage == 20 && aws_db_instance.this.max_allocated_storage == 100
    error_message = "there is no backup, the server grows old, or its disk full"
  }
  assert {
    condition     = !aws_db_instance.this.deletion_protection && aws_db_instance.this.skip_final_snapshot && length(terraform_data.deletion_guard) == 0
    error_message = "an environment without protection cannot be destroyed"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/rds/instance/${aws_db_instance.this.identifier}/postgresql" && aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["postgresql"])
    error_message = "RDS writes its log into a group of its own making, without an end"
  }
}

run "protection_guards_the_instance" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "anthill-dev-warehouse-last" && length(terraform_data.deletion_guard) == 1
    error_message = "a protected warehouse can be destroyed, or without a last snapshot"
  }
}

run "alarms_are_of_this_instance" {
  assert {
    condition     = output.alarm_names == tolist(["anthill-dev-warehouse-crowded", "anthill-dev-warehouse-full"]) && alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.namespace == "AWS/RDS" && alarm.dimensions == tomap({ DBInstanceIdentifier = "anthill-dev-warehouse" })])
    error_message = "disk or connections are not watched, or those of another instance"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["warehouse-full"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["warehouse-full"].alarm_actions == toset([var.topic_arns.alerts]) && aws_cloudwatch_metric_alarm.this["warehouse-full"].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.this["warehouse-full"].threshold == 2147483648
    error_message = "a full disk, or an instance that is gone, is silent"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["warehouse-crowded"].threshold == 40 && aws_cloudwatch_metric_alarm.this["warehouse-crowded"].alarm_actions == toset([var.topic_arns.notices]) && aws_cloudwatch_metric_alarm.this["warehouse-crowded"].comparison_operator == "GreaterThanThreshold"
    error_message = "nobody reads of connections that pile up"
  }
}

run "a_larger_one_is_asked_for" {
  command = plan
  variables {
    engine_version = "17"
    instance_class = "db.m8g.large"
    multi_az       = true
    storage_gb     = { first = 100, most = 400 }
    backup_days    = 35
  }
  assert {
    condition     = aws_db_instance.this.instance_class == "db.m8g.large" && aws_db_instance.this.multi_az && aws_db_instance.this.max_allocated_storage == 400 && aws_db_instance.this.backup_retention_period == 35 && aws_db_parameter_group.this.family == "postgres17"
    error_message = "the instance has another size than was asked for"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    name = "Anthill"
    # RDS has no support for it any more
    engine_version = "11"
    instance_class = "t4g.micro"
    # less than RDS takes
    storage_gb = { first = 5, most = 100 }
    # a hyphen wants quotes in every statement
    database    = "star-schema"
    backup_days = 0
    # nobody could connect unnoticed
    connections_noticed = 0
    vpc_id              = "default"
    # one zone
    subnet_ids               = ["subnet-1"]
    loader_security_group_id = "anthill-dev-mwaa"
    kms_key_arn              = "alias/anthill"
    topic_arns               = { alerts = "alerts", notices = "notices" }
    # CloudWatch has no such period
    log_retention_days = 31
  }
  expect_failures = [
    var.name, var.engine_version, var.instance_class, var.storage_gb, var.database, var.backup_days, var.connections_noticed,
    var.vpc_id, var.subnet_ids, var.loader_security_group_id, var.kms_key_arn, var.topic_arns, var.log_retention_days,
  ]
}
