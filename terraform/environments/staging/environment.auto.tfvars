# What every stack of staging shares; linked into each root.
environment         = "staging"
region              = "us-east-1"
account_id          = "222222222222"
name_prefix         = "anthill"
cost_centre         = "market-data"
deletion_protection = true
