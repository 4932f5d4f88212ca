provider "aws" {
  region = "eu-central-1"
}

provider "databricks" {
  host = "https://weather-test.cloud.databricks.com"
}

# Other zones, schemas and places than Anthill's.
module "unity_catalog" {
  source = "../.."

  name         = "weather-test"
  account_id   = "222222222222"
  region       = "eu-central-1"
  catalog      = "weather"
  workspace_id = 1234567890
  zones = {
    raw     = { read_only = true, folders = ["stations/"], comment = "Readings as they came" }
    curated = { comment = "Tables of readings" }
  }
  lake = {
    raw     = { bucket = "weather-test-raw", kms_key_arn = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000" }
    curated = { bucket = "weather-test-curated", kms_key_arn = "arn:aws:kms:eu-central-1:222222222222:key/00000000-0000-4000-8000-000000000000" }
  }
  catalog_zone = "curated"
  schemas      = { readings = { zone = "curated", comment = "A table a kind of station" } }
  volumes      = { "readings.maps" = "Maps that notebooks draw" }
  place_schemas = {
    desk = { zone = "curated", comment = "Anybody's tables", make = ["CREATE_TABLE"], read = ["SELECT"] }
  }
  places             = { desk = { makers = ["forecasters"] } }
  file_readers       = { raw = ["forecasters"] }
  group_privileges   = { forecasters = ["USE_CATALOG", "BROWSE"] }
  pipeline_principal = "00000000-0000-4000-8000-000000000000"
}
