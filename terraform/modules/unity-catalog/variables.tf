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

variable "zones" {
  description = "Zones of the lake: whether Databricks reads only, which folders of the bucket (all of it without one), each a location of its own, and a comment for readers. A zone that is read only has a credential of its own; those that are written share one."
  type = map(object({
    read_only = optional(bool, false)
    folders   = optional(list(string), [""])
    comment   = string
  }))
  default = {
    bronze = { read_only = true, folders = ["polygon/"], comment = "Raw answers of Polygon.io: read only" }
    silver = { comment = "Managed tables of silver" }
    gold   = { comment = "Managed tables of gold" }
  }

  validation {
    condition     = anytrue([for zone in values(var.zones) : !zone.read_only]) && !try(var.zones["tables"].read_only, false)
    error_message = "zones must hold one that is written; `tables` is the credential of these, and no name for one that is read only."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : zone.folders == tolist([""]) || length(zone.folders) > 0 && alltrue([for folder in zone.folders : can(regex("^[a-z0-9_-]+/$", folder))])])
    error_message = "zones.*.folders must be folders with their slash, such as polygon/; without it a zone is its whole bucket."
  }
  validation {
    condition     = alltrue([for zone in values(var.zones) : zone.read_only || zone.folders == tolist([""])])
    error_message = "zones.*.folders must be of zones that are read only: tables lie where Unity Catalog puts them."
  }
}

variable "lake" {
  description = "Bucket and KMS key of each zone."
  type = map(object({
    bucket      = string
    kms_key_arn = string
  }))

  validation {
    condition     = toset(keys(var.lake)) == toset(keys(var.zones))
    error_message = "lake must give a bucket for each of zones, and for no other: ${join(", ", keys(var.zones))}."
  }
  validation {
    condition     = alltrue([for zone in values(var.lake) : can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", zone.kms_key_arn))])
    error_message = "Each lake.*.kms_key_arn must be the ARN of a KMS key."
  }
}

variable "catalog_zone" {
  description = "Zone whose bucket is the catalog's own storage: what is made in no schema of `schemas` lies there."
  type        = string
  default     = "silver"

  validation {
    condition     = try(!var.zones[var.catalog_zone].read_only, false)
    error_message = "catalog_zone must be one of zones that is written."
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
    condition     = alltrue([for s in values(var.schemas) : try(!var.zones[s.zone].read_only, false)])
    error_message = "schemas.*.zone must be one of zones that is written: nothing managed goes where Databricks reads only."
  }
  validation {
    condition     = alltrue([for name in keys(var.schemas) : can(regex("^[a-z][a-z0-9_]{1,62}$", name))])
    error_message = "Names of schemas must be lower-case letters, digits and underscores."
  }
}

variable "place_schemas" {
  description = "What a place can be: the zone of its schema, a comment for readers, what its makers and what its readers may. People make things in these and never in the pipeline's schemas."
  type        = map(object({ zone = string, comment = string, make = list(string), read = list(string) }))
  default = {
    sandbox = {
      zone    = "silver"
      comment = "Anybody's tables, volumes and models, for 30 days; the DAG sandbox tells a week before they are dropped."
      make    = ["CREATE_TABLE", "CREATE_VOLUME", "CREATE_MODEL"]
      read    = ["SELECT", "READ_VOLUME", "EXECUTE"]
    }
    features = {
      zone    = "gold"
      comment = "Features that models are trained on."
      make    = ["CREATE_TABLE", "MODIFY"]
      read    = ["SELECT"]
    }
    models = {
      zone    = "gold"
      comment = "Trained models."
      make    = ["CREATE_MODEL"]
      read    = ["EXECUTE"]
    }
  }

  validation {
    condition     = alltrue([for place in values(var.place_schemas) : try(!var.zones[place.zone].read_only, false)])
    error_message = "place_schemas.*.zone must be one of zones that is written."
  }
  validation {
    condition     = alltrue([for name in keys(var.place_schemas) : !contains(keys(var.schemas), name) && can(regex("^[a-z][a-z0-9_]{1,62}$", name))])
    error_message = "place_schemas must be named by lower-case letters, digits and underscores, and as none of schemas, which are the pipeline's."
  }
}

variable "places" {
  description = "Which of place_schemas there are: the groups that make what is in each, and those that only read it. What is not named is not there; without makers the pipeline alone writes. Rights on them are given here, never in include/grants: one writer a securable."
  type = map(object({
    makers  = optional(list(string), [])
    readers = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.places), keys(var.place_schemas))) == 0
    error_message = "places may name ${join(", ", keys(var.place_schemas))}."
  }
  validation {
    condition     = alltrue([for place in values(var.places) : length(setintersection(place.makers, place.readers)) == 0])
    error_message = "Who makes what is in a place also reads it: places.*.readers must not repeat a maker."
  }
}

variable "file_readers" {
  description = "Groups whose members may read the files of a zone, by zone, so that their own runs load tables from them."
  type        = map(list(string))
  default     = {}

  validation {
    condition     = alltrue([for zone in keys(var.file_readers) : try(var.zones[zone].read_only, false)])
    error_message = "file_readers must be of zones that are read only: files of tables are read through Unity Catalog."
  }
  validation {
    condition     = alltrue([for group in flatten(values(var.file_readers)) : can(regex("^[^/]+$", group))])
    error_message = "file_readers.* must be names of groups, without a slash."
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

variable "model_makers" {
  description = "Application ids of the service principals that make registered models in the pipeline's schemas, by schema: they may do nothing else there."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for schema in keys(var.model_makers) : contains(keys(var.schemas), schema)])
    error_message = "model_makers must be by schemas of `schemas`: people make models in places of their own."
  }
  validation {
    condition     = alltrue([for id in values(var.model_makers) : can(regex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", id))])
    error_message = "model_makers.* must be application ids, UUIDs in lower case."
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
