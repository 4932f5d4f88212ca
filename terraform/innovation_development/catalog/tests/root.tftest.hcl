# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

mock_provider "time" {}

mock_provider "databricks" {
  source = "../../modules/environment/mocks/databricks"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/innovation_development/catalog" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment == "prod" ? alltrue([for place in values(var.stacks.innovation_development.catalog.places) : length(place.makers) == 0]) && length(var.stacks.innovation_development.catalog.bronze_readers) == 0 : contains(keys(var.stacks.innovation_development.catalog.places), "sandbox")
    error_message = "people write in prod, or an environment beside it has no sandbox"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
}
