provider "aws" {
  region = "eu-central-1"
}

# Other zones than Anthill's: what each is called and how it is written is the caller's.
module "data_lake" {
  source = "../.."

  name       = "weather-test"
  account_id = "222222222222"
  region     = "eu-central-1"
  zones = {
    raw     = { data_class = "licensed", written = "once", object_lock_days = 30 }
    curated = { data_class = "derived", lifecycle_days = { colder = 60 } }
  }
}
