# Everything that is particular to prod: what all stacks share, then an object a stack. The state lies where state.tfbackend says.
environment         = "prod"
region              = "us-east-1"
account_id          = "333333333333"
name_prefix         = "anthill"
cost_centre         = "market-data"
deletion_protection = true

stacks = {
  platform_development = {
    security = {
      repository        = "anthill/anthill"
      state_bucket      = "anthill-prod-terraform-state"
      state_kms_key_arn = "arn:aws:kms:us-east-1:333333333333:key/00000000-0000-4000-8000-000000000000"
    }
    network = {
      zones  = ["us-east-1a", "us-east-1b", "us-east-1c"]
      cidr   = "10.40.0.0/16"
      egress = "nat_per_zone"
      subnets = {
        private    = ["10.40.0.0/22", "10.40.4.0/22", "10.40.8.0/22"]
        databricks = ["10.40.32.0/20", "10.40.48.0/20", "10.40.64.0/20"]
        public     = ["10.40.12.0/26", "10.40.12.64/26", "10.40.12.128/26"]
      }
      log_retention_days = 400
      # How people reach Airflow, whose web server is private here: none, ssm or transit_gateway.
      access = "none"
    }
    lake = {
      bronze_colder_days = 90
      bronze_lock_days   = 365
      access_log_days    = 400
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
        monthly_usd = 2000
        emails      = ["data-platform@example.com"]
      }
      pricing_tier = "ENTERPRISE"
      private_link = {
        workspace_service = "com.amazonaws.vpce.us-east-1.vpce-svc-09143d1e626de2f04"
        relay_service     = "com.amazonaws.vpce.us-east-1.vpce-svc-00018a8c3ff62ffdf"
      }
    }
    monitoring = {
      emails = {
        alerts  = ["data-platform@example.com"]
        notices = ["data-platform@example.com"]
      }
      workflow_emails = {
        failure = ["data-platform@example.com"]
      }
      log_retention_days = 400
      silent_days        = 5
      monthly_budget_usd = 1200
    }
    mwaa = {
      environment_class = "mw1.medium"
      workers           = { min = 2, max = 10 }
      schedulers        = 2
      webservers        = { min = 2, max = 4 }
      webserver_access  = "PRIVATE_ONLY"
      reads_iam         = true
      airflow_options   = { "anthill.approval" = "True" } # a person agrees before somebody new is given anything or anything is taken away
    }
    recorder = {
      # Whose streams are recorded: none until it is asked for. stocks = {} makes a service that the DAG recorder starts.
      classes            = {}
      log_retention_days = 400
    }
  }
  innovation_development = {
    lake = {
      noncurrent_days = 30
      access_log_days = 400
    }
    compute = {
      budget = {
        monthly_usd = 1600
        emails      = ["data-platform@example.com"]
      }
      warehouse = {
        size         = "Small"
        max_clusters = 3
        stop_minutes = 5
      }
      cluster_policies = {
        engineering = {
          node_types  = ["m6gd.large", "m6gd.xlarge"]
          max_workers = 4
          max_dbus    = 10
          user_group  = "data_engineers"
        }
        science = {
          node_types  = ["r6gd.large", "r6gd.xlarge"]
          max_workers = 8
          max_dbus    = 20
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
      # The pipeline alone trains here; nobody has a sandbox.
      places = {
        features = { readers = ["data_engineers", "data_scientists"] }
        models   = { readers = ["analysts", "data_engineers", "data_scientists"] }
      }
    }
    consumption = {
      scan_limit_gb = 50
      result_days   = 30
    }
  }
}
