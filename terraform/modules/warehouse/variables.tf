variable "name" {
  description = "Prefix of the names: <name>-warehouse is the instance. A change replaces it."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "engine_version" {
  description = "Major version of PostgreSQL; minor ones come by themselves."
  type        = string
  default     = "18"

  validation {
    condition     = contains(["16", "17", "18"], var.engine_version)
    error_message = "engine_version must be 16, 17 or 18: a major version that RDS offers."
  }
}

variable "instance_class" {
  description = "Size of the instance."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class must be a class of RDS, such as db.t4g.micro."
  }
}

variable "storage_gb" {
  description = "Disk in GB at first, and up to which it grows by itself."
  type        = object({ first = number, most = number })
  default     = { first = 20, most = 100 }

  validation {
    condition     = var.storage_gb.first >= 20 && var.storage_gb.most >= var.storage_gb.first * 1.1 && floor(var.storage_gb.first) == var.storage_gb.first
    error_message = "storage_gb must begin with 20 or more whole GB and grow by a tenth at least: RDS takes no less."
  }
}

variable "multi_az" {
  description = "A second instance in another zone takes over when the first fails; it costs as much again."
  type        = bool
  default     = false
}

variable "database" {
  description = "Name of the database. A change replaces the instance."
  type        = string
  default     = "warehouse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.database))
    error_message = "database must be up to 63 lower-case letters, digits and underscores, starting with a letter."
  }
}

variable "backup_days" {
  description = "Days back to any moment of which the database can be brought."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 35 && floor(var.backup_days) == var.backup_days
    error_message = "backup_days must be 1 to 35 whole days."
  }
}

variable "connections_noticed" {
  description = "Connections at once above which operators read of it; db.t4g.micro takes about 80."
  type        = number
  default     = 40

  validation {
    condition     = var.connections_noticed >= 1
    error_message = "connections_noticed must be 1 or more."
  }
}

variable "vpc_id" {
  description = "VPC of the instance."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must be the id of a VPC, such as vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets, in two zones at least."
  type        = list(string)

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2 && alltrue([for id in var.subnet_ids : startswith(id, "subnet-")])
    error_message = "subnet_ids must be ids of subnets, two at least: RDS asks for two zones."
  }
}

variable "loader_security_group_id" {
  description = "Security group of who loads, the only one that is let in; it gets a rule that lets it out to here."
  type        = string

  validation {
    condition     = startswith(var.loader_security_group_id, "sg-")
    error_message = "loader_security_group_id must be the id of a security group, such as sg-0123456789abcdef0."
  }
}

variable "kms_key_arn" {
  description = "Key of disk, backups, logs and the administrator's secret. A change replaces the instance."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "topic_arns" {
  description = "Topics of the alarms: alerts for what somebody acts on, notices for what is read."
  type        = object({ alerts = string, notices = string })

  validation {
    condition     = alltrue([for arn in values(var.topic_arns) : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:.+$", arn))])
    error_message = "topic_arns.* must be ARNs of SNS topics."
  }
}

variable "log_retention_days" {
  description = "Days for which the server's log is kept; one of the periods CloudWatch offers."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 30 or more and a period that CloudWatch offers: 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, …"
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete or replace the instance, and delete none without a last snapshot."
  type        = bool
  default     = true
}
