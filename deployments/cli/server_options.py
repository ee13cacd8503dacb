"""Options of the commands that serve."""

from __future__ import annotations

import click

port_option = click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0: any free one."
)

host_option = click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; JWT_SECRET_KEY is required if other machines can reach it.",
)

processes_option = click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Number of processes; one that ends or hangs is replaced.",
)
