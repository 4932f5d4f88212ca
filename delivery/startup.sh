# MWAA sources this with bash before it installs requirements, in every container. What stands here cannot be an
# option of the environment's Airflow configuration: those reach Airflow alone, these pip and boto3.

# pip: no questions, no news of itself, and patience, since MWAA ends the installation after nine minutes for good.
export PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_RETRIES=10

# boto3: the retries of today instead of those of 2013, and Secrets Manager, STS and S3 asked in the own region.
export AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=5 AWS_STS_REGIONAL_ENDPOINTS=regional

echo "Anthill starts as ${MWAA_AIRFLOW_COMPONENT:-an unnamed component} under $(python3 --version 2>&1)"
