variable "name" {
  description = "Prefix of credentials, locations and roles, for example anthill-dev."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 32 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "account_id" {
  description = "AWS account of the roles, twelve digits."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "region" {
  description = "AWS region of the buckets, for example us-east-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "catalog" {
  description = "Name of the catalog: the environment's."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{1,62}$", var.catalog))
    error_message = "catalog must be lower-case letters, digits and underscores, such as dev."
  }
}

variable "workspace_id" {
  description = "Numeric id of the one workspace that may see the catalog."
  type        = number

  validation {
    condition     = var.workspace_id > 0
    error_message = "workspace_id must be the numeric id of a workspace."
  }
}

variable "lake" {
  description = "Buckets and their keys: bronze is read only, silver and gold are written."
  type = map(object({
    bucket      = string
    kms_key_arn = string
  }))

  validation {
    condition     = length(setsubtract(["bronze", "silver", "gold"], keys(var.lake))) == 0 && length(var.lake) == 3
    error_message = "lake must give exactly bronze, silver and gold."
  }
  validation {
    condition     = alltrue([for zone in values(var.lake) : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", zone.kms_key_arn))])
    error_message = "Each lake.*.kms_key_arn must be the ARN of a KMS key."
  }
}

variable "bronze_prefix" {
  description = "Folder of bronze that Databricks reads, with its slash."
  type        = string
  default     = "polygon/"

  validation {
    condition     = can(regex("^[a-z0-9_-]+/$", var.bronze_prefix))
    error_message = "bronze_prefix must be one folder with its slash, such as polygon/."
  }
}

variable "schemas" {
  description = "Schemas of the catalog: the zone whose bucket holds each one's tables, and a comment for readers."
  type        = map(object({ zone = string, comment = string }))
  default = {
    silver  = { zone = "silver", comment = "Market data, typed and deduplicated, a table a dataset." }
    gold    = { zone = "gold", comment = "Adjusted prices, returns and summaries for analysts." }
    quality = { zone = "silver", comment = "Results of expectations, rows in quarantine, loads." }
  }

  validation {
    condition     = alltrue([for s in values(var.schemas) : contains(["silver", "gold"], s.zone)])
    error_message = "schemas.*.zone must be silver or gold: nothing managed is written to bronze."
  }
  validation {
    condition     = alltrue([for name in keys(var.schemas) : can(regex("^[a-z][a-z0-9_]{1,62}$", name))])
    error_message = "Names of schemas must be lower-case letters, digits and underscores."
  }
}

variable "places" {
  description = "Schemas where people and training write, of sandbox, features and models: the groups that make what is in each, and those that only read it. What is not named is not there; without makers the pipeline alone writes. Rights on them are given here, never in include/grants: one writer a securable."
  type = map(object({
    makers  = optional(list(string), [])
    readers = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.places), ["sandbox", "features", "models"])) == 0
    error_message = "places may name sandbox, features and models."
  }
  validation {
    condition     = alltrue([for place in values(var.places) : length(setintersection(place.makers, place.readers)) == 0])
    error_message = "Who makes what is in a place also reads it: places.*.readers must not repeat a maker."
  }
}

variable "bronze_readers" {
  description = "Groups whose members may read bronze's files, so that their own runs load silver from them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for group in var.bronze_readers : can(regex("^[^/]+$", group))])
    error_message = "bronze_readers must be names of groups, without a slash."
  }
}

variable "volumes" {
  description = "Managed volumes by schema.volume, with a comment: files of the pipeline that are no tables."
  type        = map(string)
  default     = { "quality.files" = "Reports and samples that notebooks write." }

  validation {
    condition     = alltrue([for key in keys(var.volumes) : can(regex("^[a-z][a-z0-9_]*\\.[a-z][a-z0-9_]*$", key)) && contains(keys(var.schemas), split(".", key)[0])])
    error_message = "Keys of volumes must be <schema>.<volume> with a schema of `schemas`."
  }
}

variable "pipeline_principal" {
  description = "Application id of the service principal that runs the pipeline; it owns the schemas, and grants readers on their tables."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.pipeline_principal))
    error_message = "pipeline_principal must be an application id, a UUID in lower case."
  }
}

variable "drift_principal" {
  description = "Application id of the service principal that compares the grants with what is declared. Null: nobody."
  type        = string
  default     = null

  validation {
    condition     = var.drift_principal == null || can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", var.drift_principal))
    error_message = "drift_principal must be an application id, a UUID in lower case, or null."
  }
}

variable "group_privileges" {
  description = "Privileges on the catalog by account group. Readers of schemas and tables are declared in include/grants, not here: one writer a securable."
  type        = map(list(string))
  default = {
    analysts        = ["USE_CATALOG", "BROWSE"]
    data_engineers  = ["USE_CATALOG", "BROWSE"]
    data_scientists = ["USE_CATALOG", "BROWSE"]
  }

  validation {
    condition = alltrue([for p in flatten(values(var.group_privileges)) : contains(
    ["USE_CATALOG", "BROWSE", "USE_SCHEMA", "SELECT", "READ_VOLUME", "EXECUTE", "APPLY_TAG"], p)])
    error_message = "group_privileges may hold USE_CATALOG, BROWSE, USE_SCHEMA, SELECT, READ_VOLUME, EXECUTE and APPLY_TAG: people do not write."
  }
}

variable "iam_path" {
  description = "Path of the roles: the team's."
  type        = string
  default     = "/"

  validation {
    condition     = can(regex("^/([a-z_-]+/)*$", var.iam_path))
    error_message = "iam_path must start and end with a slash, such as /innovation_development/."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of the roles. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of an IAM policy (arn:aws:iam::<account>:policy/<name>), or null."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete the catalog, a schema or a location."
  type        = bool
  default     = true
}
