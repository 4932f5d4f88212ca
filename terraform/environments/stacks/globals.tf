variable "environment" {
  description = "The environment; also the name of its Unity Catalog."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment must be dev, staging or prod."
  }
}

variable "region" {
  description = "AWS region of everything in the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must look like us-east-1."
  }
}

variable "account_id" {
  description = "AWS account of the environment; the provider refuses to work in another."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be twelve digits."
  }
}

variable "name_prefix" {
  description = "First part of every name. Bucket names are unique in all of AWS, so an organisation puts its own name here."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,22}[a-z0-9]$", var.name_prefix))
    error_message = "name_prefix \"${var.name_prefix}\" must be 3 to 24 lower-case letters, digits and hyphens, starting with a letter: S3 takes names of 63 characters, IAM roles of 64, and parts are added to it."
  }
}

variable "cost_centre" {
  description = "Tag `cost-centre` of every resource."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{2,32}$", var.cost_centre))
    error_message = "cost_centre must be 2 to 32 letters, digits and hyphens."
  }
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete data, keys, the catalog or the MWAA environment."
  type        = bool

  validation {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "deletion_protection must be true in prod."
  }
}

locals {
  # Every name starts with this, every resource carries these.
  name = "${var.name_prefix}-${var.environment}"
  tags = {
    project     = "anthill"
    environment = var.environment
    team        = local.team
    cost-centre = var.cost_centre
    data-class  = "operational"
    managed-by  = "terraform"
  }

  # Each stack publishes one parameter, ids and names as JSON: /<prefix>/<environment>/<team>/<stack>.
  parameters = "/${var.name_prefix}/${var.environment}"
  iam_path   = "/${local.team}/"
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}
