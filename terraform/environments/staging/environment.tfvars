# Everything that is particular to staging: what all stacks share, then an object a stack. The state lies where state.tfbackend says.
environment         = "staging"
region              = "us-east-1"
account_id          = "222222222222"
name_prefix         = "anthill"
cost_centre         = "market-data"
deletion_protection = true

stacks = {
  platform_development = {
    security = {
      repository        = "anthill/anthill"
      state_bucket      = "anthill-staging-terraform-state"
      state_kms_key_arn = "arn:aws:kms:us-east-1:222222222222:key/00000000-0000-4000-8000-000000000000"
    }
    network = {
      zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
      cidr   = "10.30.0.0/16"
      egress = "nat_single"
      subnets = {
        private    = ["10.30.0.0/22", "10.30.4.0/22", "10.30.8.0/22"]
        databricks = ["10.30.32.0/20", "10.30.48.0/20", "10.30.64.0/20"]
        public     = ["10.30.12.0/26", "10.30.12.64/26", "10.30.12.128/26"]
      }
      log_retention_days = 90
      # How people reach Airflow, whose web server is private here: none, ssm or transit_gateway.
      access = "none"
    }
    lake = {
      bronze_colder_days = 60
      access_log_days    = 90
    }
    databricks = {
      databricks_account_id = "00000000-0000-4000-8000-000000000000"
      # The region has one metastore: an output of terraform/account.
      metastore_id   = "00000000-0000-4000-8000-000000000001"
      admin_group_id = 1001
      user_group_ids = {
        analysts        = 1002
        data_engineers  = 1003
        data_scientists = 1004
      }
      repository   = "anthill/anthill"
      token_issuer = "https://00000000-0000-4000-8000-000000000002.tokens.sts.global.api.aws"
      budget = {
        monthly_usd = 200
        emails      = ["data-platform@example.com"]
      }
      pricing_tier = "ENTERPRISE"
    }
    monitoring = {
      emails = {
        alerts  = ["data-platform@example.com"]
        notices = ["data-platform@example.com"]
      }
      workflow_emails = {
        failure = ["data-platform@example.com"]
      }
      log_retention_days = 90
      silent_days        = 5
      monthly_budget_usd = 600
    }
    mwaa = {
      environment_class = "mw1.small"
      workers           = { min = 1, max = 3 }
      schedulers        = 2
      webservers        = { min = 2, max = 2 }
      webserver_access  = "PRIVATE_ONLY"
    }
    recorder = {
      # Whose streams are recorded: none until it is asked for. stocks = {} makes a service that the DAG recorder starts.
      classes            = {}
      log_retention_days = 90
    }
  }
  innovation_development = {
    lake = {
      noncurrent_days = 14
      access_log_days = 90
    }
    compute = {
      budget = {
        monthly_usd = 150
        emails      = ["data-platform@example.com"]
      }
      warehouse = {
        size         = "2X-Small"
        max_clusters = 1
        stop_minutes = 5
      }
      cluster_policies = {
        engineering = {
          node_types  = ["m6gd.large", "m6gd.xlarge"]
          max_workers = 2
          max_dbus    = 4
          user_group  = "data_engineers"
        }
        science = {
          node_types  = ["r6gd.large", "r6gd.xlarge"]
          max_workers = 2
          max_dbus    = 4
          user_group  = "data_scientists"
        }
      }
    }
    catalog = {
      group_privileges = {
        analysts        = ["USE_CATALOG", "BROWSE"]
        data_engineers  = ["USE_CATALOG", "BROWSE"]
        data_scientists = ["USE_CATALOG", "BROWSE"]
      }
      places = {
        sandbox  = { makers = ["data_engineers", "data_scientists"] }
        features = { makers = ["data_scientists"], readers = ["data_engineers"] }
        models   = { makers = ["data_scientists"], readers = ["analysts", "data_engineers"] }
      }
      bronze_readers = ["data_engineers"]
    }
    consumption = {
      scan_limit_gb = 5
      result_days   = 7
    }
  }
}
