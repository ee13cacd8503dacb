"""The facts with which the quality gate last approved each file"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("media_files", sa.Column("approved", postgresql.JSONB(), nullable=True))
    # Files that passed the gate before this migration are approved with their present facts.
    op.execute(
        """
        update media_files set approved = jsonb_build_object(
            'at', quality_at,
            'size', size,
            'fingerprint', encode(fingerprint, 'hex'),
            'duration_seconds', duration_seconds,
            'sound_tracks', case jsonb_typeof(audio) when 'array' then jsonb_array_length(audio) else 0 end,
            'width', width,
            'height', height
        )
        where quality_at is not null and metadata_at is not null and quarantined_at is null
        """
    )
