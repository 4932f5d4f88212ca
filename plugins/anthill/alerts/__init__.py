"""What operators are told without asking: failures, recoveries, late days, restatements, doubts and drift."""
