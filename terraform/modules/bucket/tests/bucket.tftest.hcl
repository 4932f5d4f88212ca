mock_provider "aws" {}

variables {
  name                = "anthill-dev-bronze"
  data_class          = "licensed"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket   = "anthill-dev-access-logs"
  deletion_protection = false
}

run "closed_by_default" {
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls, aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls, aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "a bucket could be made public"
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "versioning is off"
  }
  assert {
    condition = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default) == {
      sse_algorithm = "aws:kms", kms_master_key_id = var.kms_key_arn
    }
    error_message = "objects are not encrypted by the key"
  }
  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "access lists are in use"
  }
  assert {
    condition     = aws_s3_bucket_logging.this[0].target_bucket == "anthill-dev-access-logs"
    error_message = "access is not logged"
  }
  assert {
    condition = contains([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : jsonencode([s.Effect, s.Principal, s.Condition])],
    jsonencode(["Deny", { AWS = "*" }, { Bool = { "aws:SecureTransport" = "false" } }]))
    error_message = "plain HTTP is not refused"
  }
  assert {
    condition     = alltrue([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Effect == "Deny"])
    error_message = "the policy allows something to somebody by default"
  }
}

run "log_buckets_use_s3_keys" {
  variables {
    kms_key_arn = null
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "a bucket without a key is not encrypted"
  }
}

run "locks_and_ages" {
  variables {
    object_lock_days = 365
    lifecycle_days   = { colder = 90, expire = 400, noncurrent = 30 }
  }
  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && one(one(aws_s3_bucket_object_lock_configuration.this[0].rule).default_retention).days == 365
    error_message = "object lock is not set"
  }
  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this.rule[0].transition).days == 90
    error_message = "nothing goes to colder storage"
  }
}

run "ends_on_a_day" {
  variables {
    expires_on = "2027-04-01"
  }
  assert {
    condition     = one(aws_s3_bucket_lifecycle_configuration.this.rule[0].expiration).date == "2027-04-01T00:00:00Z"
    error_message = "objects outlive their last day"
  }
}

run "what_is_put_under_a_prefix_ends" {
  variables {
    expire_under = { "input/" = 90 }
  }
  assert {
    condition     = [for rule in aws_s3_bucket_lifecycle_configuration.this.rule : "${rule.filter[0].prefix} ${one(rule.expiration).days}" if length(rule.expiration) > 0] == ["input/ 90"]
    error_message = "objects beside those of the prefix end, or these do not"
  }
}

run "protection_adds_a_guard" {
  command = plan
  variables {
    deletion_protection = true
  }
  assert {
    condition     = length(terraform_data.deletion_guard) == 1 && !aws_s3_bucket.this.force_destroy
    error_message = "a protected bucket can be destroyed"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    # long names
    name = "a-name-that-is-far-too-long-for-any-bucket-of-s3-because-it-has-more-than-63-characters"
    # an alias as key
    kms_key_arn = "alias/anthill"
    # unknown data classes
    data_class = "secret"
    # young transitions
    lifecycle_days = { colder = 10 }
    # a lock of no days
    object_lock_days = 0
    # statements that are none
    policy_statements_json = ["{}"]
    # a bucket's name that is none
    access_log_bucket = "Logs_Here"
  }
  expect_failures = [var.access_log_bucket, var.data_class, var.kms_key_arn, var.lifecycle_days, var.name, var.object_lock_days, var.policy_statements_json]
}

run "refuses_bad_values_again" {
  command = plan
  variables {
    # upper case
    name = "Anthill-dev"
    # expiry before transition
    lifecycle_days = { colder = 90, expire = 60 }
  }
  expect_failures = [var.lifecycle_days, var.name]
}

run "refuses_days_that_there_are_not" {
  command = plan
  variables {
    expires_on = "2027-02-31"
  }
  expect_failures = [var.expires_on]
}

run "refuses_two_ends" {
  command = plan
  variables {
    expires_on     = "2027-04-01"
    lifecycle_days = { expire = 30 }
  }
  expect_failures = [var.expires_on]
}

run "refuses_to_keep_no_replaced_version" {
  command = plan
  variables {
    lifecycle_days = { noncurrent = 0 }
  }
  expect_failures = [var.lifecycle_days]
}

run "refuses_a_prefix_that_is_no_folder" {
  command = plan
  variables {
    expire_under = { input = 90 }
  }
  expect_failures = [var.expire_under]
}

run "refuses_an_end_of_a_prefix_and_of_all" {
  command = plan
  variables {
    expire_under   = { "input/" = 90 }
    lifecycle_days = { expire = 400 }
  }
  expect_failures = [var.expire_under]
}
