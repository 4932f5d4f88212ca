variable "name" {
  description = "Prefix of every name, for example anthill-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "AWS region, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "kind" {
  description = "The way in: none, ssm (a host that Systems Manager forwards through) or transit_gateway (your own network)."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "ssm", "transit_gateway"], var.kind)
    error_message = "The access must be none, ssm or transit_gateway."
  }
}

variable "vpc_id" {
  description = "Id of the VPC."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "vpc_id must look like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Private subnets, one a zone."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0 && length(distinct(var.subnet_ids)) == length(var.subnet_ids)
    error_message = "subnet_ids must be one or more different subnets."
  }
}

variable "route_table_ids" {
  description = "Route tables of these subnets: ways back into your own network are added to them."
  type        = list(string)

  validation {
    condition     = length(var.route_table_ids) > 0
    error_message = "route_table_ids must be one or more: without a way back nobody gets an answer."
  }
}

variable "web_server_security_group_id" {
  description = "Security group of MWAA, which its web server's endpoint has too."
  type        = string

  validation {
    condition     = can(regex("^sg-[0-9a-z]+$", var.web_server_security_group_id))
    error_message = "web_server_security_group_id must look like sg-0123456789abcdef0."
  }
}

variable "endpoints_security_group_id" {
  description = "Security group of interface endpoints."
  type        = string

  validation {
    condition     = can(regex("^sg-[0-9a-z]+$", var.endpoints_security_group_id))
    error_message = "endpoints_security_group_id must look like sg-0123456789abcdef0."
  }
}

variable "nat" {
  description = "Whether the subnets reach AWS's services by NAT; else by endpoints."
  type        = bool
}

variable "transit_gateway" {
  description = "The transit gateway, and the ranges behind it from which people come."
  type        = object({ id = string, cidrs = list(string) })
  default     = null

  validation {
    condition     = var.kind != "transit_gateway" || var.transit_gateway != null
    error_message = "transit_gateway must be given where the access is transit_gateway."
  }
  validation {
    condition     = var.transit_gateway == null || try(can(regex("^tgw-[0-9a-f]{8,17}$", var.transit_gateway.id)), false)
    error_message = "transit_gateway.id must look like tgw-0123456789abcdef0."
  }
  validation {
    condition = var.transit_gateway == null || try(length(var.transit_gateway.cidrs) > 0 && alltrue([
      for c in var.transit_gateway.cidrs : cidrhost(c, 0) == split("/", c)[0] && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", c))
    ]), false)
    error_message = "transit_gateway.cidrs must be one or more private ranges that start at their network address, such as 10.99.0.0/16."
  }
}

variable "tags" {
  description = "Tags of the host, which a group makes outside Terraform."
  type        = map(string)
  default     = {}

  validation {
    condition     = !contains(keys(var.tags), "Name")
    error_message = "tags must leave Name out: by that people's policies know the host."
  }
}

variable "iam_path" {
  description = "Path of the roles made here: the team's, so that its deployment role can manage them and no other."
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
