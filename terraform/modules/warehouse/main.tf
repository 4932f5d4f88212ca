# A small PostgreSQL into which Airflow loads stars of gold (plugins/anthill/warehouses): in private subnets, open to its
# loader alone, by TLS alone.
locals {
  warehouse = "${var.name}-warehouse"
  port      = 5432
}

resource "aws_security_group" "this" {
  name        = local.warehouse
  description = "Warehouse: in from its loader, and nowhere out"
  vpc_id      = var.vpc_id
  tags        = { Name = local.warehouse }
}

resource "aws_vpc_security_group_ingress_rule" "loader" {
  security_group_id            = aws_security_group.this.id
  description                  = "The loader, by PostgreSQL's protocol"
  referenced_security_group_id = var.loader_security_group_id
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

# The loader's group is another stack's, which lets it out by HTTPS alone.
resource "aws_vpc_security_group_egress_rule" "loader" {
  security_group_id            = var.loader_security_group_id
  description                  = "The warehouse ${local.warehouse}"
  referenced_security_group_id = aws_security_group.this.id
  from_port                    = local.port
  to_port                      = local.port
  ip_protocol                  = "tcp"
}

resource "aws_db_subnet_group" "this" {
  name        = local.warehouse
  description = "Private subnets of the warehouse"
  subnet_ids  = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name        = "${local.warehouse}-${var.engine_version}"
  family      = "postgres${var.engine_version}"
  description = "TLS or nothing; who changes tables is logged, and what takes ten seconds"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }
  parameter {
    name  = "log_statement"
    value = "ddl"
  }
  parameter {
    name  = "log_min_duration_statement"
    value = "10000"
  }

  # An instance keeps its group until it has the next version's.
  lifecycle {
    create_before_destroy = true
  }
}

# RDS would make it without an end and without a key.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338: the period differs by environment; prod keeps a year and more
  name              = "/aws/rds/instance/${local.warehouse}/postgresql"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_db_instance" "this" {
  # checkov:skip=CKV_AWS_118: the alarms look at what CloudWatch is told without a role of its own, each minute
  # checkov:skip=CKV_AWS_157: two zones are asked for by multi_az; what is lost is loaded again from the lake
  # checkov:skip=CKV_AWS_133: backup_days is refused below one
  # checkov:skip=CKV_AWS_293: follows deletion_protection, which prod has
  identifier     = local.warehouse
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class
  multi_az       = var.multi_az
  db_name        = var.database
  port           = local.port

  # RDS makes the password, keeps it in Secrets Manager and changes it each week: no state has it.
  username                      = "administrator"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb.first
  max_allocated_storage = var.storage_gb.most
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  db_subnet_group_name                = aws_db_subnet_group.this.name
  vpc_security_group_ids              = [aws_security_group.this.id]
  publicly_accessible                 = false
  parameter_group_name                = aws_db_parameter_group.this.name
  ca_cert_identifier                  = "rds-ca-rsa2048-g1"
  iam_database_authentication_enabled = true

  auto_minor_version_upgrade = true
  maintenance_window         = "sun:06:00-sun:06:30"
  backup_window              = "04:00-04:30"
  backup_retention_period    = var.backup_days
  copy_tags_to_snapshot      = true

  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  enabled_cloudwatch_logs_exports = ["postgresql"]

  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = !var.deletion_protection
  final_snapshot_identifier = "${local.warehouse}-last"

  depends_on = [aws_cloudwatch_log_group.this]
}

# As in modules/bucket: what people made in the database beside the star is nowhere else.
resource "terraform_data" "deletion_guard" {
  count            = var.deletion_protection ? 1 : 0
  triggers_replace = [aws_db_instance.this.identifier, var.database, var.kms_key_arn]

  lifecycle {
    prevent_destroy = true
  }
}
