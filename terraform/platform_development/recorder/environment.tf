# The same in every stack: who it works for, as whom, and where its state lies. What is refused, modules/environment says.
terraform {
  # Bucket, region and key come from -backend-config: `make terraform` gives them.
  backend "s3" {
    use_lockfile = true
    encrypt      = true
  }
}

variable "environment" {
  description = "The environment; also the name of its Unity Catalog."
  type        = string
}

variable "region" {
  description = "AWS region of everything in the environment."
  type        = string
}

variable "account_id" {
  description = "AWS account of the environment; the provider refuses to work in another."
  type        = string
}

variable "name_prefix" {
  description = "First part of every name. Bucket names are unique in all of AWS, so an organisation puts its own name here."
  type        = string
}

variable "cost_centre" {
  description = "Tag `cost-centre` of every resource."
  type        = string
}

variable "deletion_protection" {
  description = "Refuse every plan that would delete data, keys, the catalog or the MWAA environment."
  type        = bool
}

module "environment" {
  source = "../../modules/environment"

  environment         = var.environment
  region              = var.region
  account_id          = var.account_id
  name_prefix         = var.name_prefix
  cost_centre         = var.cost_centre
  deletion_protection = var.deletion_protection
  team                = local.team
}

locals {
  name       = module.environment.name
  tags       = module.environment.tags
  parameters = module.environment.parameters
  iam_path   = module.environment.iam_path
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}
