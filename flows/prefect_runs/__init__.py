"""Jobs as flow runs: task runs, progress, artifacts, states, cancellation.

Only this package imports Prefect.
"""
