# Plans the root with its own tfvars, so every value of every environment passes every validation.
mock_provider "aws" {
  source = "../../modules/environment/mocks/aws"
}

run "plans_with_the_values_of_its_environment" {
  command = plan

  assert {
    condition     = length(setsubtract(["kms:Delete*", "kms:RetireGrant", "kms:ScheduleKeyDeletion"], flatten([for s in jsondecode(aws_kms_key.platform.policy).Statement : s.Action if s.Sid == "Administration"]))) == 0
    error_message = "nobody can delete the key's alias or end its grants: destroy and rename would stop"
  }
  assert {
    condition     = aws_ssm_parameter.published.name == "/${var.name_prefix}/${var.environment}/platform_development/security" && aws_ssm_parameter.published.type == "String"
    error_message = "the stack publishes under another name than the others read"
  }
  assert {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "prod can be destroyed by accident"
  }
}
