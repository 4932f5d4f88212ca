variable "name" {
  description = "Prefix of every name, and the workspace's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 30 lower-case letters, digits and hyphens, starting with a letter: Databricks takes no longer ones for networks."
  }
}

variable "account_id" {
  description = "AWS account of the workspace, twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region of the workspace, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "databricks_account_id" {
  description = "Databricks account id, a UUID from the account console."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.databricks_account_id))
    error_message = "databricks_account_id must be a UUID in lower case."
  }
}

variable "vpc_id" {
  description = "VPC of the clusters."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets of the clusters, two zones at least."
  type        = list(string)

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "subnet_ids must name subnets in two zones at least."
  }
}

variable "security_group_ids" {
  description = "Security groups of the clusters."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1 && length(var.security_group_ids) <= 5
    error_message = "security_group_ids must name 1 to 5 groups."
  }
}

variable "access_log_bucket" {
  description = "Bucket that takes the access logs of the workspace's root bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.access_log_bucket))
    error_message = "access_log_bucket must be a bucket name: 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "metastore_id" {
  description = "Unity Catalog metastore of the region: it has one, and no environment owns it."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.metastore_id))
    error_message = "metastore_id must be a UUID in lower case: an output of terraform/account."
  }
}

variable "team" {
  description = "Principals of the team whose Terraform works inside the workspace, by name: ids in the account and whether it applies what it plans."
  type = map(object({
    id             = number
    application_id = string
    applies        = bool
  }))
  default = {}

  validation {
    condition     = alltrue([for principal in values(var.team) : principal.id > 0 && can(regex("^[0-9a-f-]{36}$", principal.application_id))])
    error_message = "team must give the numeric id and the application id, a UUID in lower case, of each principal."
  }
}

variable "admin_group_id" {
  description = "Id of the account group whose members administer the workspace."
  type        = number

  validation {
    condition     = var.admin_group_id > 0
    error_message = "admin_group_id must be the numeric id of an account group."
  }
}

variable "user_group_ids" {
  description = "Ids of the account groups whose members may enter the workspace, by name."
  type        = map(number)
  default     = {}

  validation {
    condition     = alltrue([for id in values(var.user_group_ids) : id > 0])
    error_message = "user_group_ids must be numeric ids of account groups by name."
  }
}

variable "pricing_tier" {
  description = "Tier of the workspace; PrivateLink and customer-managed keys need ENTERPRISE, Unity Catalog PREMIUM."
  type        = string
  default     = "ENTERPRISE"

  validation {
    condition     = contains(["PREMIUM", "ENTERPRISE"], var.pricing_tier)
    error_message = "pricing_tier must be PREMIUM or ENTERPRISE."
  }
  validation {
    condition     = var.pricing_tier == "ENTERPRISE" || var.private_link == null
    error_message = "private_link needs pricing_tier ENTERPRISE."
  }
}

variable "private_link" {
  description = "PrivateLink to the control plane: the region's service names of the workspace and of secure cluster connectivity, subnets and security groups of the endpoints, and whether the UI stays reachable from the internet. Null: none."
  type = object({
    workspace_service  = string
    relay_service      = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
    public_access      = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.private_link == null || alltrue([for s in [try(var.private_link.workspace_service, ""), try(var.private_link.relay_service, "")] : startswith(s, "com.amazonaws.vpce.")])
    error_message = "private_link services must be the names that Databricks publishes for the region, com.amazonaws.vpce.<region>.vpce-svc-…"
  }
}

variable "serverless_destinations" {
  description = "Host names that serverless compute may call besides the locations of Unity Catalog: PyPI, for what the jobs' wheel needs."
  type        = list(string)
  default     = ["pypi.org", "files.pythonhosted.org"]

  validation {
    condition     = alltrue([for name in var.serverless_destinations : can(regex("^(\\*\\.)?[a-z0-9-]+(\\.[a-z0-9-]+)+$", name))])
    error_message = "serverless_destinations must be host names, such as pypi.org or *.example.com."
  }
}

variable "audit_days" {
  description = "Days that the workspace's audit logs are kept."
  type        = number
  default     = 400

  validation {
    condition     = var.audit_days > 30
    error_message = "audit_days must be more than 30."
  }
}

variable "iam_path" {
  description = "Path of the cross-account role: the team's."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([a-z_-]+/)*$", var.iam_path))
    error_message = "iam_path must start and end with a slash, such as /platform_development/."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles made here. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the workspace, its keys or its root bucket."
  type        = bool
  default     = true
}
