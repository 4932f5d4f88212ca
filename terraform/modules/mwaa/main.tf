locals {
  # The DAGs never hold an AWS key: aws_default is the role itself, so it is not looked up.
  options = merge(var.airflow_options, {
    "secrets.backend" = "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend"
    "secrets.backend_kwargs" = jsonencode({
      connections_prefix         = "${var.secrets_prefix}/connections"
      connections_lookup_pattern = "^(?!aws_default$).*$"
      variables_prefix           = "${var.secrets_prefix}/variables"
    })
  })

  logs = { dag_processing = "INFO", scheduler = "INFO", task = "INFO", webserver = "WARNING", worker = "INFO" }
}

module "bucket" {
  source = "../bucket"

  name                = "${var.name}-mwaa"
  data_class          = "operational"
  kms_key_arn         = var.kms_key_arn
  access_log_bucket   = var.access_log_bucket
  deletion_protection = var.deletion_protection
}

resource "aws_mwaa_environment" "this" {
  # checkov:skip=CKV_AWS_243: the log level is WARNING on purpose where INFO holds nothing but requests; all logs are on
  # checkov:skip=CKV_AWS_244: see CKV_AWS_243
  # checkov:skip=CKV2_AWS_66: private unless an environment's tfvars ask for public access, behind IAM; prod's root test refuses it
  name              = var.name
  airflow_version   = var.airflow_version
  environment_class = var.environment_class
  min_workers       = var.workers.min
  max_workers       = var.workers.max
  schedulers        = var.schedulers
  min_webservers    = var.webservers.min
  max_webservers    = var.webservers.max

  execution_role_arn              = aws_iam_role.execution.arn
  kms_key                         = var.kms_key_arn
  webserver_access_mode           = var.webserver_access
  weekly_maintenance_window_start = var.maintenance_window
  # What runs is let end: an update without this ends it.
  worker_replacement_strategy   = "GRACEFUL"
  airflow_configuration_options = local.options

  source_bucket_arn                = module.bucket.arn
  dag_s3_path                      = "dags/"
  requirements_s3_path             = var.artifacts.requirements_version == null ? null : "requirements.txt"
  requirements_s3_object_version   = var.artifacts.requirements_version
  plugins_s3_path                  = var.artifacts.plugins_version == null ? null : "plugins.zip"
  plugins_s3_object_version        = var.artifacts.plugins_version
  startup_script_s3_path           = var.artifacts.startup_version == null ? null : "startup.sh"
  startup_script_s3_object_version = var.artifacts.startup_version

  network_configuration {
    subnet_ids         = var.subnet_ids
    security_group_ids = var.security_group_ids
  }

  logging_configuration {
    dag_processing_logs {
      enabled   = true
      log_level = local.logs.dag_processing
    }
    scheduler_logs {
      enabled   = true
      log_level = local.logs.scheduler
    }
    task_logs {
      enabled   = true
      log_level = local.logs.task
    }
    webserver_logs {
      enabled   = true
      log_level = local.logs.webserver
    }
    worker_logs {
      enabled   = true
      log_level = local.logs.worker
    }
  }

  # The service takes more than an hour for either; the workflow's job and its session outlast these.
  timeouts {
    create = "150m"
    update = "150m"
    delete = "90m"
  }

  lifecycle {
    # The delivery pipeline uploads these and names their versions in UpdateEnvironment.
    ignore_changes = [
      requirements_s3_path, requirements_s3_object_version,
      plugins_s3_path, plugins_s3_object_version,
      startup_script_s3_path, startup_script_s3_object_version,
    ]
  }

  depends_on = [aws_iam_role_policy.execution, module.bucket]
}

# As in modules/bucket: the environment holds the metadata database, so a replacement loses every run's history.
resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [aws_mwaa_environment.this.name, var.kms_key_arn, var.subnet_ids]

  lifecycle {
    prevent_destroy = true
  }
}
