"""Missing files that a person forgot; alerts about missing, quarantined and failed files; reported alerts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("media_files", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_media_files_forgotten"), "media_files", "forgotten_at is null or missing_since is not null"
    )
    op.drop_constraint(op.f("ck_alerts_kind"), "alerts", type_="check")
    op.create_check_constraint(
        op.f("ck_alerts_kind"),
        "alerts",
        "kind in ('block_down', 'error_rate', 'ssd_full', 'flow_failed', 'damage', 'missing_files', "
        "'quarantined_files', 'failed_files')",
    )
    op.add_column("alerts", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
    # The process that raised or resolved an alert has reported it.
    op.execute("update alerts set reported_at = coalesce(resolved_at, raised_at)")
