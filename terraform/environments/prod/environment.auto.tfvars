# What every stack of prod shares; linked into each root.
environment         = "prod"
region              = "us-east-1"
account_id          = "333333333333"
name_prefix         = "anthill"
cost_centre         = "market-data"
deletion_protection = true
