"""`wsoptv nginx`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import click

from deployments.cli.errors import REFUSED, fail, reported_errors

_LISTEN = re.compile(r"(?:(?:[A-Za-z0-9.-]+|\*|\[[0-9A-Fa-f:.]+\]):)?[0-9]{1,5}")
_NAME = re.compile(r"[A-Za-z0-9.*_-]+")


def _listen(_: click.Context, __: click.Parameter, value: str) -> str:
    if not _LISTEN.fullmatch(value):
        raise click.BadParameter("must be HOST:PORT, like 127.0.0.1:8080 or [::]:443")
    return value


def _server_name(_: click.Context, __: click.Parameter, value: str) -> str:
    if value and not _NAME.fullmatch(value):
        raise click.BadParameter("must be the name of a host, like tv.example.com")
    return value


def _apps(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        parts = urlsplit(value)
        try:
            named = parts.scheme == "http" and parts.hostname and parts.port and "@" not in parts.netloc
        except ValueError:
            named = False
        if not named or parts.path.strip("/") or not _LISTEN.fullmatch(parts.netloc):
            raise click.BadParameter(f"{value!r} must be an address like http://127.0.0.1:8000")
    return values


_file = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
_folder = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="Print an nginx configuration.")
@click.option(
    "--listen",
    default="127.0.0.1:8080",
    show_default=True,
    callback=_listen,
    help="The address of nginx: HOST:PORT.",
)
@click.option(
    "--app",
    "apps",
    multiple=True,
    default=("http://127.0.0.1:8000",),
    show_default=True,
    callback=_apps,
    help="The address of the application; repeatable for several processes.",
)
@click.option(
    "--server-name", default="", callback=_server_name, help="The name of the host; by default any."
)
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=_folder,
    help="A folder whose files nginx may send; by default the catalogue's roots and NAS_MOUNT_PATH.",
)
@click.option("--certificate", type=_file, help="Serve TLS with this certificate (PEM, with its chain).")
@click.option("--key", type=_file, help="The private key of the certificate.")
def nginx(
    listen: str,
    apps: tuple[str, ...],
    server_name: str,
    roots: tuple[Path, ...],
    certificate: Path | None,
    key: Path | None,
) -> None:
    """Print a complete configuration of an nginx that sends the bytes of titles for the application.

    Write it to a file and run `nginx -p DIR -c FILE`. Its first lines show how to start the application.
    """
    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")
    with reported_errors():
        from deployments.nginx import NginxOptions, has_compressed_files, has_threads, render
        from deployments.web.built_app import STATIC, built_app
        from orchestration.settings import Settings

        folders = {os.fsencode(root.absolute()) for root in roots} or _known_roots()
        if not folders:
            fail(
                REFUSED,
                "no_root",
                "there is no archive yet: run `wsoptv ingest FOLDER` first, or name its folder with --root",
            )
        settings = Settings()
        # The copies of hot titles, and the renditions.
        folders |= {os.fsencode(settings.cache_folder), os.fsencode(settings.renditions_folder)}
        app = built_app()
        options = NginxOptions(
            listen,
            apps,
            tuple(sorted(folders)),
            server_name,
            certificate,
            key,
            has_threads(),
            app and app / STATIC,
            has_compressed_files(),
        )
        click.echo(render(options), nl=False)


def _known_roots() -> set[bytes]:
    from sqlalchemy import select

    from catalog_models.tables import Root
    from deployments.runtime import open_runtime
    from orchestration.settings import Settings
    from orchestration.storage import is_bucket

    settings = Settings()
    found = {os.fsencode(settings.archive)} if settings.archive is not None else set()
    # This command must not create a home.
    if settings.home.is_dir() or settings.database_url is not None:
        with open_runtime("nginx") as runtime:
            found |= set(runtime.transactions.run(lambda work: work.session.scalars(select(Root.path)).all()))
    return {root for root in found if not is_bucket(root)}
