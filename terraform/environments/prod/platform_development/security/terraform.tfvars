repository        = "anthill/anthill"
state_bucket      = "anthill-prod-terraform-state"
state_kms_key_arn = "arn:aws:kms:us-east-1:333333333333:key/00000000-0000-4000-8000-000000000000"
