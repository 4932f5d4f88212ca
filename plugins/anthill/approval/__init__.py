"""The DAG `governance`: a plan of who may do what, the answer of a person, the change, and the record of it."""
