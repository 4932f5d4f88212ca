"""The kind `drop`: tables as CSV that people put into a bucket of ours, whenever they like."""
