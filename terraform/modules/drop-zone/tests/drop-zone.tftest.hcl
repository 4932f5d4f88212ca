mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:111111111111:x", url = "https://sqs.us-east-1.amazonaws.com/111111111111/x" }
  }
}

variables {
  name                = "anthill-dev"
  account_id          = "111111111111"
  region              = "us-east-1"
  kms_key_arn         = "arn:aws:kms:us-east-1:111111111111:key/00000000-0000-4000-8000-000000000000"
  access_log_bucket   = "anthill-dev-access-logs"
  deletion_protection = false
}

run "a_file_rings" {
  assert {
    condition     = aws_s3_bucket_notification.this.eventbridge && aws_s3_bucket_notification.this.bucket == "anthill-dev-drop"
    error_message = "S3 tells nobody of a file"
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.dropped.event_pattern) == { source = ["aws.s3"], detail-type = ["Object Created"], detail = { bucket = { name = ["anthill-dev-drop"] }, object = { key = [{ prefix = "input/" }] } } }
    error_message = "answers ring, or another bucket does"
  }
  assert {
    condition     = aws_cloudwatch_event_target.queue.arn == aws_sqs_queue.this["drop"].arn && aws_cloudwatch_event_target.queue.dead_letter_config[0].arn == aws_sqs_queue.this["drop-dead"].arn
    error_message = "events go nowhere, or are lost where the queue does not take them"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_policy.this.redrive_policy) == { deadLetterTargetArn = "arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop-dead", maxReceiveCount = 5 } && jsondecode(aws_sqs_queue_redrive_allow_policy.this.redrive_allow_policy).sourceQueueArns == ["arn:aws:sqs:us-east-1:111111111111:anthill-dev-drop"]
    error_message = "a message that is never deleted comes for ever"
  }
  assert {
    condition     = alltrue([for queue in aws_sqs_queue.this : queue.sqs_managed_sse_enabled]) && aws_sqs_queue.this["drop-dead"].message_retention_seconds > aws_sqs_queue.this["drop"].message_retention_seconds
    error_message = "a queue is in the clear, or dead letters go before anybody looks"
  }
  assert {
    condition     = output.queue == "anthill-dev-drop" && aws_sqs_queue.this["drop-dead"].name == "${output.queue}-dead" && output.queue_url == aws_sqs_queue.this["drop"].url
    error_message = "alarms or Airflow look at other queues"
  }
}

run "files_end_and_answers_stay" {
  assert {
    condition     = output.bucket == "anthill-dev-drop" && length(aws_iam_role.people) == 0
    error_message = "the bucket has another name, or a role is made that nobody asked for"
  }
  assert {
    condition = jsonencode([for s in jsondecode(output.policy_json).Statement : [s.Effect, s.Resource, s.Condition] if s.Sid == "CreateOnly"]) == jsonencode([
      ["Deny", ["arn:aws:s3:::anthill-dev-drop/output/*/answer.json", "arn:aws:s3:::anthill-dev-drop/claims/*"], { Bool = { "s3:ObjectCreationOperation" = "true" }, Null = { "s3:if-none-match" = "true" } }]
    ])
    error_message = "an answer can be replaced"
  }
}

run "an_owner_drops_into_his_own_folders" {
  variables {
    iam_path                 = "/platform_development/"
    permissions_boundary_arn = "arn:aws:iam::111111111111:policy/platform_development/anthill-dev-platform-boundary"
    people = {
      depots = {
        principals = ["arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_depots_*"]
        folders    = ["depot/stock/"]
      }
    }
  }
  assert {
    condition     = aws_iam_role.people["depots"].name == "anthill-dev-drop-depots" && aws_iam_role.people["depots"].permissions_boundary == var.permissions_boundary_arn
    error_message = "the role is unbounded, or has another name"
  }
  assert {
    condition     = jsondecode(aws_iam_role.people["depots"].assume_role_policy).Statement[0].Condition.ArnLike["aws:PrincipalArn"] == ["arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/*AWSReservedSSO_depots_*"]
    error_message = "whoever is in the account may drop files"
  }
  assert {
    condition     = aws_iam_role_policy.people["depots"].policy == output.people_policies["depots"]
    error_message = "the role has another policy than what is tested"
  }
}

run "refuses_bad_values" {
  command = plan
  variables {
    name = "Anthill"
    # five digits
    account_id = "12345"
    region     = "us_east"
    # an alias as key
    kms_key_arn       = "alias/anthill"
    access_log_bucket = "Logs_Here"
    # gone after a weekend
    input_days      = 3
    noncurrent_days = 1
    # no folder
    iam_path = "platform"
    # a role as boundary
    permissions_boundary_arn = "arn:aws:iam::111111111111:role/x"
  }
  expect_failures = [var.name, var.account_id, var.region, var.kms_key_arn, var.access_log_bucket, var.input_days, var.noncurrent_days, var.iam_path, var.permissions_boundary_arn]
}

run "refuses_an_owner_whom_no_declaration_names" {
  command = plan
  variables {
    people = { "Depot Owners" = { principals = ["arn:aws:iam::111111111111:role/depots"], folders = ["depot/stock/"] } }
  }
  expect_failures = [var.people]
}

run "refuses_everybody_of_the_account" {
  command = plan
  variables {
    people = { depots = { principals = ["arn:aws:iam::111111111111:role/*"], folders = ["depot/stock/"] } }
  }
  expect_failures = [var.people]
}

run "refuses_nobody" {
  command = plan
  variables {
    people = { depots = { principals = [], folders = ["depot/stock/"] } }
  }
  expect_failures = [var.people]
}

run "refuses_a_folder_of_all_datasets" {
  command = plan
  variables {
    people = { depots = { principals = ["arn:aws:iam::111111111111:role/depots"], folders = ["depot/"] } }
  }
  expect_failures = [var.people]
}

run "refuses_an_owner_without_datasets" {
  command = plan
  variables {
    people = { depots = { principals = ["arn:aws:iam::111111111111:role/depots"], folders = [] } }
  }
  expect_failures = [var.people]
}
