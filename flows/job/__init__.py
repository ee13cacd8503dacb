"""The parts that every job needs, without Prefect: its context, steps, executors, claims and outages."""
