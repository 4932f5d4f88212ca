# A project of the innovation team: how it is made, renewed and ended, docs/how-to/project.md says.
group       = "data_scientists"
readers     = ["analysts"]
ends        = "2027-03-31"
monthly_usd = 50
cluster     = { policy = "science", workers = 1 }
