"""Reports for admins: dashboard, statistics, alerts and the audit log."""
