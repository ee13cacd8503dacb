"""What makes a job a flow run that people can watch: task runs, progress, artifacts, states, cancelling."""
