"""What the flows do, without Prefect: jobs that run from the command line and from tests, too."""
