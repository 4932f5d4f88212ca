"""The flat files: days of whole markets as CSV objects of an S3 bucket."""
