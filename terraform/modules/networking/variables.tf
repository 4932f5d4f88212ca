variable "name" {
  description = "Prefix of every name, for example anthill-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "AWS region of the endpoints, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "zones" {
  description = "Availability zones, two at least (MWAA takes the first two), three as a rule."
  type        = list(string)

  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 4
    error_message = "zones must name 2 to 4 availability zones: MWAA and Databricks need two at least."
  }
  validation {
    condition     = length(distinct(var.zones)) == length(var.zones) && alltrue([for z in var.zones : can(regex("^${var.region}[a-z]$", z))])
    error_message = "zones must be different zones of ${var.region}, such as ${var.region}a."
  }
}

variable "cidr" {
  description = "Address range of the VPC, /16 to /22."
  type        = string

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && can(regex("^[0-9.]+/(1[6-9]|2[0-2])$", var.cidr))
    error_message = "cidr must be an IPv4 range from /16 to /22, such as 10.20.0.0/16."
  }
  validation {
    condition     = try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "cidr must start at its network address, such as 10.20.0.0/16 and not 10.20.3.7/16."
  }
  validation {
    condition     = can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.cidr))
    error_message = "cidr must lie in a private range: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16."
  }
}

variable "subnets" {
  description = "A range a zone for each kind: private (MWAA, endpoints), databricks (clusters, /26 or larger), public (NAT gateways)."
  type = object({
    private    = list(string)
    databricks = list(string)
    public     = list(string)
  })

  validation {
    condition     = alltrue([for kind, ranges in var.subnets : length(ranges) == length(var.zones)])
    error_message = "subnets must give one range a zone for each of private, databricks and public (${length(var.zones)} zones)."
  }
  validation {
    condition     = alltrue([for r in flatten(values(var.subnets)) : try(cidrhost(r, 0) == split("/", r)[0], false)])
    error_message = "subnets must hold IPv4 ranges that start at their network address, such as 10.20.0.0/24."
  }
  validation {
    condition = alltrue([
      for r in flatten(values(var.subnets)) :
      try(cidrhost("${cidrhost(r, 0)}/${split("/", var.cidr)[1]}", 0) == cidrhost(var.cidr, 0) && tonumber(split("/", r)[1]) > tonumber(split("/", var.cidr)[1]), false)
    ])
    error_message = "Every one of subnets must lie within cidr ${var.cidr} and be smaller than it."
  }
  validation {
    condition = alltrue(flatten([
      for i, a in flatten(values(var.subnets)) : [
        for j, b in flatten(values(var.subnets)) :
        i >= j || try(
          cidrhost("${cidrhost(a, 0)}/${min(split("/", a)[1], split("/", b)[1])}", 0) !=
        cidrhost("${cidrhost(b, 0)}/${min(split("/", a)[1], split("/", b)[1])}", 0), false)
      ]
    ]))
    error_message = "subnets must not overlap: no range may contain another."
  }
  validation {
    condition     = alltrue([for r in var.subnets.databricks : try(tonumber(split("/", r)[1]) <= 26, false)])
    error_message = "subnets.databricks must be /26 or larger: a cluster node takes two addresses."
  }
}

variable "egress" {
  description = "The way out: nat_single (one gateway), nat_per_zone, endpoints (AWS services only; Polygon.io is then reached by a proxy of yours)."
  type        = string
  default     = "nat_single"

  validation {
    condition     = contains(["nat_single", "nat_per_zone", "endpoints"], var.egress)
    error_message = "egress must be nat_single, nat_per_zone or endpoints."
  }
}

variable "sources" {
  description = "What Airflow reaches beside HTTPS, by a name: a range of addresses and a port, as 5432 of a database or 22 of an SFTP server."
  type        = map(object({ cidr = string, port = number }))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.sources) : can(regex("^[a-z][a-z0-9_-]{0,62}$", name))])
    error_message = "sources must be named by lower-case letters, digits, hyphens and underscores, such as totesys."
  }
  validation {
    condition     = alltrue([for s in values(var.sources) : try(cidrhost(s.cidr, 0) == split("/", s.cidr)[0] && tonumber(split("/", s.cidr)[1]) >= 16, false)])
    error_message = "Each of sources must be an IPv4 range of /16 or smaller that starts at its network address, such as 10.40.8.0/24: a source has addresses that you know."
  }
  validation {
    condition     = alltrue([for s in values(var.sources) : s.port >= 1 && s.port <= 65535 && floor(s.port) == s.port])
    error_message = "Each of sources must have a port from 1 to 65535."
  }
}

variable "log_kms_key_arn" {
  description = "KMS key of the flow logs; its policy admits logs.<region>.amazonaws.com."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.log_kms_key_arn))
    error_message = "log_kms_key_arn must be the ARN of a KMS key."
  }
}

variable "log_retention_days" {
  description = "Days for which flow logs are kept; one of the periods CloudWatch offers."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 30 or more and a period that CloudWatch offers: 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, …"
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
