mock_provider "aws" {
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/anthill-dev-mwaa" }
  }
}

variables {
  name               = "anthill-dev"
  account_id         = "111111111111"
  region             = "us-east-1"
  environment_class  = "mw1.small"
  workers            = { min = 1, max = 3 }
  subnet_ids         = ["subnet-1", "subnet-2"]
  security_group_ids = ["sg-1"]
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket  = "anthill-dev-access-logs"
  bronze = {
    bucket      = "anthill-dev-bronze"
    prefixes    = ["polygon/"]
    kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001"
  }
  documents_bucket    = "anthill-dev-documents"
  databricks          = { host = "anthill-dev.cloud.databricks.com", client_id = "00000000-0000-4000-8000-00000000000a" }
  airflow_options     = { "anthill.catalog" = "dev" }
  secrets_prefix      = "anthill/dev"
  deletion_protection = false
}

run "the_environment" {
  assert {
    condition     = aws_mwaa_environment.this.worker_replacement_strategy == "GRACEFUL"
    error_message = "an update ends the tasks that run"
  }
  assert {
    condition     = aws_mwaa_environment.this.timeouts.update == "150m" && aws_mwaa_environment.this.timeouts.create == "150m"
    error_message = "Terraform gives up before MWAA is done"
  }
  assert {
    condition     = aws_mwaa_environment.this.airflow_version == "3.3.1" && aws_mwaa_environment.this.webserver_access_mode == "PRIVATE_ONLY"
    error_message = "the version or the web server's access is not the default"
  }
  assert {
    condition     = aws_mwaa_environment.this.kms_key == var.kms_key_arn
    error_message = "the environment is not encrypted by the key"
  }
  assert {
    condition     = aws_mwaa_environment.this.airflow_configuration_options["anthill.catalog"] == "dev"
    error_message = "the platform's options do not arrive"
  }
  assert {
    condition = jsondecode(aws_mwaa_environment.this.airflow_configuration_options["secrets.backend_kwargs"]) == {
      connections_prefix         = "anthill/dev/connections"
      connections_lookup_pattern = "^(?!aws_default$).*$"
      variables_prefix           = "anthill/dev/variables"
    }
    error_message = "the backend does not read where the secrets lie"
  }
  assert {
    condition = alltrue([for kind in ["dag_processing_logs", "scheduler_logs", "task_logs", "webserver_logs", "worker_logs"] :
    aws_mwaa_environment.this.logging_configuration[0][kind][0].enabled])
    error_message = "a log is off"
  }
  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == null && aws_mwaa_environment.this.plugins_s3_path == null
    error_message = "a new environment must not wait for files that nobody has uploaded"
  }
}

run "deliveries_are_counted" {
  variables {
    topic_arns = { notice = "arn:aws:sns:us-east-1:111111111111:anthill-dev-notices" }
  }
  assert {
    condition     = aws_s3_bucket_metric.deliveries.bucket == "anthill-dev-mwaa" && aws_s3_bucket_metric.deliveries.filter[0].prefix == "deliveries/"
    error_message = "what is uploaded and does not work would pass as a delivery"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.nothing_delivered.dimensions == tomap({ BucketName = "anthill-dev-mwaa", FilterId = "deliveries" }) && aws_cloudwatch_metric_alarm.nothing_delivered.treat_missing_data == "breaching"
    error_message = "silence would pass as a delivery"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.nothing_delivered.period * aws_cloudwatch_metric_alarm.nothing_delivered.evaluation_periods == 7 * 86400 && aws_cloudwatch_metric_alarm.nothing_delivered.alarm_actions == toset(["arn:aws:sns:us-east-1:111111111111:anthill-dev-notices"])
    error_message = "the alarm looks back further than CloudWatch does, or tells nobody"
  }
}

run "the_role_has_no_more_than_it_needs" {
  assert {
    condition     = alltrue([for s in jsondecode(output.policy_json).Statement : alltrue([for a in s.Action : !endswith(a, ":*") && a != "*"])])
    error_message = "the role may do everything with a service"
  }
  assert {
    condition = toset(flatten([for s in jsondecode(output.policy_json).Statement : s.Action if contains(s.Resource, "*")])) == toset([
    "s3:GetAccountPublicAccessBlock", "logs:DescribeLogGroups", "cloudwatch:PutMetricData", "sts:GetWebIdentityToken"])
    error_message = "an action is not bound to a resource"
  }
  assert {
    condition     = one([for s in jsondecode(output.policy_json).Statement : s.Resource if contains(s.Action, "airflow:InvokeRestApi")]) == ["arn:aws:airflow:us-east-1:111111111111:role/anthill-dev/User"]
    error_message = "tasks cannot write their run's note, or may administer Airflow"
  }
  assert {
    condition     = !anytrue([for s in jsondecode(output.policy_json).Statement : anytrue([for a in s.Action : startswith(a, "s3:Delete")])])
    error_message = "the role may delete objects"
  }
  assert {
    condition = alltrue([for s in jsondecode(output.policy_json).Statement : alltrue([for r in s.Resource :
      !startswith(r, "arn:aws:s3:::") || startswith(r, "arn:aws:s3:::anthill-dev-mwaa") || r == "arn:aws:s3:::anthill-dev-bronze/governance/*" || anytrue([for b in ["bronze", "documents"] : startswith(r, "arn:aws:s3:::anthill-dev-${b}/polygon/") || r == "arn:aws:s3:::anthill-dev-${b}"])
    ])])
    error_message = "the role reaches beyond its bucket, its folders of bronze and documents, and the plans of governance"
  }
  assert {
    condition     = toset(jsondecode(aws_iam_role.execution.assume_role_policy).Statement[0].Principal.Service) == toset(["airflow.amazonaws.com", "airflow-env.amazonaws.com"])
    error_message = "somebody else than MWAA may take the role"
  }
}

run "federated_sign_in_stores_no_secret" {
  assert {
    condition     = jsondecode(aws_secretsmanager_secret_version.this["connections/databricks_default"].secret_string).login == "federated_aws" && !strcontains(aws_secretsmanager_secret_version.this["connections/databricks_default"].secret_string, "password")
    error_message = "the connection holds a secret"
  }
  assert {
    condition     = jsonencode(output.secrets_by_hand) == jsonencode(["anthill/dev/connections/polygon_default"])
    error_message = "only Polygon.io's key is put by people"
  }
}

run "the_secret_variant" {
  variables {
    databricks = { host = "anthill-dev.cloud.databricks.com", client_id = "00000000-0000-4000-8000-00000000000a", auth = "secret" }
    variables  = { contact = "data-platform@example.com" }
  }
  assert {
    condition     = !contains([for s in jsondecode(output.policy_json).Statement : s.Sid], "DatabricksToken")
    error_message = "the role may still make tokens"
  }
  assert {
    condition     = jsonencode(output.secrets_by_hand) == jsonencode(["anthill/dev/connections/databricks_default", "anthill/dev/connections/polygon_default"])
    error_message = "the connection's secret has no place"
  }
  assert {
    condition     = keys(aws_secretsmanager_secret_version.this) == ["variables/contact"]
    error_message = "a secret's value would stand in the state"
  }
}

run "versions_of_uploaded_files" {
  state_key = "a_new_environment"
  variables {
    artifacts = { requirements_version = "v1", plugins_version = "v2", startup_version = "v3" }
  }
  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_path == "requirements.txt" && aws_mwaa_environment.this.plugins_s3_object_version == "v2" && aws_mwaa_environment.this.startup_script_s3_path == "startup.sh"
    error_message = "object versions are not passed"
  }
}

run "the_delivery_pipeline_moves_versions_on" {
  state_key = "a_new_environment"
  variables {
    artifacts = { requirements_version = "v7", plugins_version = "v8", startup_version = "v9" }
  }
  assert {
    condition     = aws_mwaa_environment.this.requirements_s3_object_version == "v1" && aws_mwaa_environment.this.plugins_s3_object_version == "v2"
    error_message = "terraform would turn back what the delivery pipeline has delivered"
  }
}

run "micro" {
  command = plan
  variables {
    environment_class = "mw1.micro"
    workers           = { min = 1, max = 1 }
    schedulers        = 1
    webservers        = { min = 1, max = 1 }
  }
}

run "protection_guards_the_environment" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1
    error_message = "the environment can be destroyed"
  }
}

run "refuses_unknown_classes" {
  command = plan
  variables {
    environment_class = "mw1.huge"
  }
  expect_failures = [var.environment_class]
}

run "refuses_scaling_micro" {
  command = plan
  variables {
    environment_class = "mw1.micro"
    schedulers        = 1
    webservers        = { min = 1, max = 1 }
  }
  expect_failures = [var.workers]
}

run "every_source_has_a_folder" {
  command = plan
  variables {
    bronze = { bucket = "anthill-dev-bronze", prefixes = ["polygon/", "other/"], kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000001" }
  }
  assert {
    condition = toset([for s in jsondecode(output.policy_json).Statement : s.Resource if contains(["LandObjects", "Documents"], s.Sid)]) == toset([
      for b in ["bronze", "documents"] : [for p in ["polygon/", "other/"] : "arn:aws:s3:::anthill-dev-${b}/${p}*"]
    ])
    error_message = "a source's folder cannot be written"
  }
  assert {
    condition     = [for s in jsondecode(output.policy_json).Statement : [s.Action, s.Resource] if s.Sid == "Governance"] == [[["s3:PutObject", "s3:GetObject"], ["arn:aws:s3:::anthill-dev-bronze/governance/*"]]]
    error_message = "plans of who may do what cannot be kept beside the sources, or may be deleted"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # upper case names
    name = "Anthill"
    # wrong accounts
    account_id = "1234"
    # wrong regions
    region = "virginia"
    # other versions
    airflow_version = "2.10.3"
    # workers upside down
    workers = { min = 5, max = 2 }
    # one scheduler
    schedulers = 1
    # one web server
    webservers = { min = 1, max = 1 }
    # unknown access
    webserver_access = "PUBLIC"
    # odd windows
    maintenance_window = "SUN:06:15"
    # three subnets
    subnet_ids = ["subnet-1", "subnet-2", "subnet-3"]
    # no security group
    security_group_ids = []
    # an alias as key
    kms_key_arn = "alias/anthill"
    # bronze without a folder
    bronze = { bucket = "anthill-dev-bronze", prefixes = [], kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000" }
    # unknown sign ins
    databricks = { host = "a.cloud.databricks.com", client_id = "x", auth = "password" }
    # options without a section
    airflow_options = { parallelism = "32" }
    # prefixes with a slash
    secrets_prefix = "/anthill/dev/"
    # topics that are none
    topic_arns = { alert = "alerts" }
    # paths without slashes
    iam_path = "platform"
    # a bucket's name that is none
    access_log_bucket = "Logs_Here"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
    # an id with a space
    connections = ["polygon default"]
    # a bucket's name that is none
    iam_read_buckets = ["Gold_Here"]
    # a key with a space
    variables = { "a key" = "x" }
    # a version that is empty
    artifacts = { plugins_version = "" }
  }
  expect_failures = [var.access_log_bucket, var.account_id, var.airflow_options, var.airflow_version, var.artifacts, var.bronze, var.connections, var.databricks, var.iam_path, var.iam_read_buckets, var.kms_key_arn, var.maintenance_window, var.name, var.permissions_boundary_arn, var.region, var.schedulers, var.secrets_prefix, var.security_group_ids, var.subnet_ids, var.topic_arns, var.variables, var.webserver_access, var.webservers, var.workers]
}

run "refuses_bad_values_again" {
  command = plan
  variables {
    # the same subnet twice
    subnet_ids = ["subnet-1", "subnet-1"]
    # bronze without a key
    bronze = { bucket = "anthill-dev-bronze", prefixes = ["polygon/"], kms_key_arn = "none" }
    # hosts with a scheme
    databricks = { host = "https://a.cloud.databricks.com", client_id = "x" }
    # another secrets backend
    airflow_options = { "secrets.backend" = "x" }
  }
  expect_failures = [var.airflow_options, var.bronze, var.databricks, var.subnet_ids]
}

run "refuses_documents_and_people_in_the_bucket_of_bronze" {
  command = plan
  variables {
    documents_bucket = "anthill-dev-bronze"
    personal_bucket  = "anthill-dev-bronze"
    # a role that is none
    consumption_role_arn = "consumption"
  }
  expect_failures = [var.consumption_role_arn, var.documents_bucket, var.personal_bucket]
}

run "gold_is_reached_by_a_role_of_its_own" {
  variables {
    consumption_role_arn = "arn:aws:iam::111111111111:role/innovation_development/anthill-dev-consumption"
  }
  assert {
    condition     = [for s in jsondecode(output.policy_json).Statement : s.Resource if s.Sid == "Consumption"] == [[var.consumption_role_arn]]
    error_message = "Airflow may take another role than the one that was named"
  }
  assert {
    condition     = jsondecode(aws_secretsmanager_secret_version.this["connections/aws_consumption"].secret_string).extra.role_arn == var.consumption_role_arn
    error_message = "the connection takes another role than the one that was named"
  }
}

run "files_are_taken_and_answered" {
  command = plan
  variables {
    drop = { bucket = "anthill-dev-drop", queue_arn = "arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop" }
  }
  assert {
    condition     = { for s in jsondecode(output.policy_json).Statement : s.Sid => s.Resource if startswith(s.Sid, "Drop") } == { DropLists = ["arn:aws:s3:::anthill-dev-drop"], Dropped = ["arn:aws:s3:::anthill-dev-drop/input/*"], DropClaims = ["arn:aws:s3:::anthill-dev-drop/claims/*"], DropAnswers = ["arn:aws:s3:::anthill-dev-drop/output/*"], DropBell = ["arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop"] }
    error_message = "dropped files are not read, not answered, or rights reach further"
  }
}

run "refuses_a_topic_that_rings" {
  command = plan
  variables {
    drop = { bucket = "anthill-dev-drop", queue_arn = "arn:aws:sns:us-east-1:111111111111:anthill-dev-drop" }
  }
  expect_failures = [var.drop]
}

run "refuses_files_in_the_bucket_of_bronze" {
  command = plan
  variables {
    drop = { bucket = "anthill-dev-bronze", queue_arn = "arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop" }
  }
  expect_failures = [var.drop]
}

run "recorders_are_shown_started_and_stopped" {
  command = plan
  variables {
    recorder_cluster = "anthill-dev-recorder"
  }
  assert {
    condition     = [for s in jsondecode(output.policy_json).Statement : [s.Action, s.Resource] if s.Sid == "Recorders"] == [[["ecs:DescribeServices", "ecs:UpdateService"], ["arn:aws:ecs:us-east-1:111111111111:service/anthill-dev-recorder/*"]]]
    error_message = "Airflow cannot show or start a recorder, or reaches other services"
  }
}

run "refuses_an_arn_in_the_place_of_a_cluster" {
  command = plan
  variables {
    recorder_cluster = "arn:aws:ecs:us-east-1:111111111111:cluster/anthill-dev-recorder"
  }
  expect_failures = [var.recorder_cluster]
}
