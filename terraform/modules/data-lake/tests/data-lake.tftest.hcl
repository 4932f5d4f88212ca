mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000", key_id = "00000000-0000-4000-8000-000000000000" }
  }
}

variables {
  name                = "anthill-dev"
  account_id          = "111111111111"
  region              = "us-east-1"
  deletion_protection = false
}

run "five_zones_and_a_log_bucket" {
  assert {
    condition     = length(setsubtract(["kms:Delete*", "kms:RetireGrant", "kms:ScheduleKeyDeletion"], flatten([for s in jsondecode(aws_kms_key.lake.policy).Statement : s.Action if s.Sid == "Administration"]))) == 0
    error_message = "nobody can delete the key's alias or end its grants: destroy and rename would stop"
  }
  assert {
    condition = output.buckets == {
      bronze = "anthill-dev-bronze", documents = "anthill-dev-documents", silver = "anthill-dev-silver", gold = "anthill-dev-gold", artifacts = "anthill-dev-artifacts"
    }
    error_message = "buckets are not named by their zone"
  }
  assert {
    condition     = output.access_log_bucket == "anthill-dev-access-logs"
    error_message = "there is no access-log bucket"
  }
  assert {
    condition     = aws_kms_key.lake.enable_key_rotation
    error_message = "the key is not rotated"
  }
  assert {
    condition     = length([for s in jsondecode(aws_kms_key.lake.policy).Statement : s if anytrue([for a in s.Action : contains(["*", "kms:*"], a)])]) == 0
    error_message = "the key's policy allows every action"
  }
}

run "bronze_is_only_ever_created" {
  assert {
    condition = jsonencode([for s in jsondecode(output.policies["bronze"]).Statement : [s.Action, s.Condition] if s.Sid == "CreateOnly" && s.Effect == "Deny"]) == jsonencode([
      [["s3:PutObject"], { Null = { "s3:if-none-match" = "true" }, Bool = { "s3:ObjectCreationOperation" = "true" } }]
    ])
    error_message = "bronze takes a plain PUT"
  }
  assert {
    condition = alltrue([for action in ["s3:DeleteObject", "s3:DeleteObjectVersion"] : contains(flatten([
    for s in jsondecode(output.policies["bronze"]).Statement : s.Action if s.Effect == "Deny"]), action)])
    error_message = "bronze can be deleted from"
  }
  assert {
    condition     = length(jsondecode(output.policies["silver"]).Statement) == 1
    error_message = "Delta must be able to replace and delete files in silver"
  }
}

run "a_document_is_replaced_by_who_has_read_it" {
  assert {
    condition = jsonencode([for s in jsondecode(output.policies["documents"]).Statement : [s.Action, s.Condition] if s.Sid == "CreateOrReplaceRead" && s.Effect == "Deny"]) == jsonencode([
      [["s3:PutObject"], { Null = { "s3:if-none-match" = "true", "s3:if-match" = "true" }, Bool = { "s3:ObjectCreationOperation" = "true" } }]
    ])
    error_message = "a document can be replaced by who has not read it, or by nobody"
  }
  assert {
    condition     = length([for s in jsondecode(output.policies["documents"]).Statement : s if s.Sid == "NoDelete" && s.Effect == "Deny"]) == 1
    error_message = "documents can be deleted"
  }
}

run "the_other_team_s_half" {
  variables {
    access_log_name = "innovation-logs"
    zones           = { silver = { data_class = "licensed" }, gold = { data_class = "derived" } }
  }
  assert {
    condition     = output.buckets == { silver = "anthill-dev-silver", gold = "anthill-dev-gold" } && output.access_log_bucket == "anthill-dev-innovation-logs"
    error_message = "zones do not choose the buckets"
  }
}

run "somebody_else_s_zones" {
  variables {
    zones = { raw = { data_class = "licensed", written = "once", object_lock_days = 30 }, curated-2 = { data_class = "derived" } }
  }
  assert {
    condition     = output.buckets == { raw = "anthill-dev-raw", curated-2 = "anthill-dev-curated-2" }
    error_message = "zones have names that cannot be chosen"
  }
  assert {
    condition     = contains([for s in jsondecode(output.policies["raw"]).Statement : s.Sid], "CreateOnly") && length(jsondecode(output.policies["curated-2"]).Statement) == 1
    error_message = "how a zone is written hangs on its name"
  }
}

run "protection_guards_the_key" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1
    error_message = "the key can be destroyed"
  }
}

run "refuses_documents_that_are_locked" {
  command = plan
  variables {
    zones = { documents = { data_class = "operational", written = "read", object_lock_days = 30 } }
  }
  expect_failures = [var.zones]
}

run "refuses_a_way_to_write_that_there_is_not" {
  command = plan
  variables {
    zones = { documents = { data_class = "operational", written = "twice" } }
  }
  expect_failures = [var.zones]
}

run "refuses_no_zones" {
  command = plan
  variables {
    zones = {}
  }
  expect_failures = [var.zones]
}

run "refuses_bad_values" {
  command = plan
  variables {
    # zones that no bucket can be named after
    zones = { Raw_Data = { data_class = "derived" } }
    # long names
    name = "a-name-that-leaves-no-room-for-zones"
    # wrong accounts
    account_id = "1234"
    # wrong regions
    region = "virginia"
    # short log keeping
    access_log_days = 1
    # hasty key deletion
    key_deletion_days = 1
    # a name that is none
    access_log_name = "Logs_Here"
  }
  expect_failures = [var.access_log_days, var.access_log_name, var.account_id, var.key_deletion_days, var.name, var.region, var.zones]
}

run "people_can_be_erased_by_one_role" {
  variables {
    zones = {
      bronze   = { data_class = "licensed", written = "once" }
      personal = { data_class = "personal", written = "once", erased_by = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-erasure" }
    }
  }
  assert {
    condition = jsonencode([for s in jsondecode(output.policies["personal"]).Statement : s.Condition if s.Sid == "NoDelete"]) == jsonencode([
      { ArnNotEquals = { "aws:PrincipalArn" = "arn:aws:iam::111111111111:role/platform_development/anthill-dev-erasure" } }
    ])
    error_message = "others than the one role can erase"
  }
  assert {
    condition     = length([for s in jsondecode(output.policies["bronze"]).Statement : s if s.Sid == "NoDelete" && can(s.Condition)]) == 0
    error_message = "bronze can be deleted from"
  }
}

run "refuses_people_that_are_locked" {
  command = plan
  variables {
    zones = { personal = { data_class = "personal", written = "once", object_lock_days = 30, erased_by = "arn:aws:iam::111111111111:role/anthill-dev-erasure" } }
  }
  expect_failures = [var.zones]
}

run "refuses_people_that_anybody_erases" {
  command = plan
  variables {
    zones = { personal = { data_class = "personal", written = "once", erased_by = "*" } }
  }
  expect_failures = [var.zones]
}
