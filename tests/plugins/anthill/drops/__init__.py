"""The drop zone against moto's S3, Sail and a workspace of its own."""
