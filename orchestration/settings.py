"""The settings: one frozen object, read from the environment once at the start, and passed on."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import ByteSize, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from orchestration.secret_files import SecretFiles

_DAY = 86_400.0


class Settings(BaseSettings):
    """All settings, each set by the environment variable of its alias, or a secret by `NAME_FILE`."""

    # By alias only: otherwise a field's own name would also be read, and `HOME` is always set.
    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, validate_default=True, populate_by_name=False
    )

    home: Path = Field(default=Path("~/.wsoptv"), alias="WSOPTV_HOME", description="holds all state")
    database_url: SecretStr | None = Field(
        default=None, alias="DATABASE_URL", description="a PostgreSQL of your own instead of the embedded one"
    )
    redis_url: SecretStr | None = Field(
        default=None, alias="REDIS_URL", description="a Redis of your own instead of the embedded one"
    )
    prefect_api_url: str | None = Field(
        default=None,
        alias="PREFECT_API_URL",
        description="the API of a Prefect server of your own instead of the embedded one",
    )
    prefect_auth: SecretStr | None = Field(
        default=None,
        alias="PREFECT_API_AUTH_STRING",
        description="the PREFECT_SERVER_API_AUTH_STRING that a Prefect server of your own requires of its clients "
        "(`user:password`)",
    )
    prefect_ui_url: str | None = Field(
        default=None,
        alias="PREFECT_UI_URL",
        description="the address of Prefect's pages, if it is not that of its API",
    )
    meilisearch_url: str | None = Field(
        default=None,
        alias="MEILISEARCH_URL",
        description="a Meilisearch of your own to search with instead of PostgreSQL",
    )
    meilisearch_key: SecretStr | None = Field(
        default=None, alias="MEILISEARCH_MASTER_KEY", description="the key of that Meilisearch"
    )
    archive: Path | None = Field(
        default=None,
        alias="NAS_MOUNT_PATH",
        description="the archive that `wsoptv ingest` takes without a ROOT",
    )
    bucket: str | None = Field(
        default=None,
        alias="AWS_S3_BUCKET",
        description="a bucket of S3 (`name` or `s3://name/prefix`) that `wsoptv ingest` takes without a ROOT, beside "
        "NAS_MOUNT_PATH; AWS_ENDPOINT_URL and the credentials are those of every AWS tool",
    )
    roots: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        alias="WSOPTV_ROOTS",
        description="folders and buckets, separated by commas, that runs started over the API or in Prefect may ingest; "
        "without it the API allows the known roots, NAS_MOUNT_PATH and AWS_S3_BUCKET",
    )
    exclude: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        alias="WSOPTV_EXCLUDE",
        description="patterns of paths to ignore, separated by colons (`*/Trash/*:*.tmp.mp4`)",
    )
    probe_deadline: float = Field(
        default=30.0,
        le=_DAY,
        gt=0,
        alias="WSOPTV_PROBE_DEADLINE",
        description="the most seconds for reading the metadata of one file",
    )
    frames_deadline: float = Field(
        default=180.0,
        le=_DAY,
        gt=0,
        alias="WSOPTV_FRAMES_DEADLINE",
        description="the most seconds for making the pictures of one file",
    )
    lease_seconds: float = Field(
        default=120.0,
        ge=2,
        le=_DAY,
        alias="WSOPTV_LEASE",
        description="seconds after which other workers take over the files of a worker that died",
    )

    cache: Path | None = Field(
        default=None,
        alias="WSOPTV_CACHE",
        description="the folder on an SSD for copies of hot titles, instead of one in the home",
    )
    cache_bytes: ByteSize | None = Field(
        default=None,
        ge=0,
        alias="WSOPTV_CACHE_BYTES",
        description="bytes that copies may fill (`800GB`); by default half of the free space there",
    )
    copy_rate: ByteSize = Field(
        default=ByteSize(0),
        ge=0,
        alias="WSOPTV_COPY_RATE",
        description="bytes per second that copying may read from the archive (`50MB`); 0: no limit",
    )

    renditions: Path | None = Field(
        default=None,
        alias="WSOPTV_RENDITIONS",
        description="the folder for renditions of files that do not play as they are, instead of one in the home",
    )
    fixity_bytes: ByteSize = Field(
        default=ByteSize(500_000_000_000),
        ge=0,
        alias="WSOPTV_FIXITY_BYTES",
        description="bytes of the archive that are read and verified every night (`2TB`)",
    )
    older_pictures: int = Field(
        default=2_000,
        ge=0,
        le=1 << 31,
        alias="WSOPTV_OLDER_PICTURES",
        description="files per night whose pictures, made by an older version, are made again",
    )
    queues: Annotated[tuple[Literal["io", "cpu", "ssd"], ...], NoDecode] = Field(
        default=(),
        alias="WSOPTV_QUEUES",
        description="the work queues of this host's worker, separated by commas (`io,cpu`); by default all",
    )
    alert_webhook: str | None = Field(
        default=None,
        alias="WSOPTV_ALERT_WEBHOOK",
        description="an address that alerts are sent to as JSON (its `text` is what chat servers show)",
    )

    jwt_secret: SecretStr | None = Field(
        default=None,
        alias="JWT_SECRET_KEY",
        description="signs the tokens, at least 32 characters; by default the embedded stack generates one",
    )
    access_minutes: int = Field(
        default=15,
        ge=1,
        le=1_440,
        alias="JWT_ACCESS_TOKEN_EXPIRE_MINUTES",
        description="minutes for which an access token is valid",
    )
    refresh_days: int = Field(
        default=7,
        ge=1,
        le=366,
        alias="JWT_REFRESH_TOKEN_EXPIRE_DAYS",
        description="days after which an unused sign-in session ends",
    )
    registration: Literal["approval", "open", "closed"] = Field(
        default="approval",
        alias="REGISTRATION",
        description="who may register: users whom an admin approves, all, or no one",
    )
    rate_limit: int = Field(
        default=100,
        ge=1,
        alias="RATE_LIMIT_PER_MINUTE",
        description="changes per minute of a user, or requests of an address before the sign-in",
    )
    read_limit: int = Field(
        default=600,
        ge=1,
        alias="READ_LIMIT_PER_MINUTE",
        description="reads per minute of a user: pages and lists, suggestions, facts",
    )
    render_key: SecretStr | None = Field(
        default=None,
        alias="WSOPTV_RENDER_KEY",
        description="the key by which a renderer of pages that you run yourself identifies itself",
    )
    stream_limit: int = Field(
        default=100, ge=1, alias="STREAM_LIMIT_TOTAL", description="players at the same time, of all users"
    )
    stream_limit_per_user: int = Field(
        default=3, ge=1, alias="STREAM_LIMIT_PER_USER", description="players at the same time, of one user"
    )
    stream_queue_limit: int = Field(
        default=50, ge=0, alias="STREAM_QUEUE_LIMIT", description="players that may wait for a slot"
    )
    stream_lease_seconds: float = Field(
        default=45.0,
        ge=2,
        le=3_600,
        alias="WSOPTV_STREAM_LEASE",
        description="seconds after which a silent player loses its slot",
    )
    hang_deadline: float = Field(
        default=30.0,
        ge=1,
        le=_DAY,
        alias="WSOPTV_HANG_DEADLINE",
        description="seconds after which an API process whose event loop hangs is replaced",
    )
    node: str | None = Field(
        default=None,
        alias="WSOPTV_NODE",
        description="the program `node` that makes the pages of the web app, or `off` for the plain page only; by "
        "default the one on the PATH, else the one of `wsoptv[web]`",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        alias="WSOPTV_TRUSTED_PROXIES",
        description="addresses or networks, separated by commas, whose X-Forwarded-For is trusted",
    )
    accel: bool = Field(
        default=False,
        alias="WSOPTV_ACCEL",
        description="let the nginx of `wsoptv nginx` send the bytes (X-Accel-Redirect)",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Also read secrets from files; arguments of the caller take precedence."""
        del dotenv_settings, file_secret_settings
        return init_settings, SecretFiles(settings_cls), env_settings

    @field_validator("jwt_secret", "render_key")
    @classmethod
    def _strong(cls, value: SecretStr | None) -> SecretStr | None:
        # RFC 7518 §3.2: a key of HS256 has at least as many bits as its hash.
        if value is not None and _guessable(value.get_secret_value()):
            raise ValueError(
                "must be a secret of at least 32 characters that cannot be guessed, such as the output of `openssl rand -hex 32`"
            )
        return value

    @field_validator("trusted_proxies", "queues", "roots", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.split(",") if part.strip())
            if isinstance(value, str)
            else value
        )

    @field_validator("roots")
    @classmethod
    def _locations(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [part for part in value if not part.startswith(("/", "s3://"))]:
            raise ValueError(f"must be absolute paths or s3://bucket/prefix, not {wrong[0]!r}")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            # Raises for anything else.
            ip_network(part)
        return value

    @field_validator("home", "archive", "cache", "renditions")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("bucket")
    @classmethod
    def _bucket(cls, value: str | None) -> str | None:
        if value is not None and not _BUCKET.fullmatch(value):
            raise ValueError("must be the name of a bucket, or s3://name/prefix")
        return value

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            scheme, _port = _parts(value)
            if scheme.partition("+")[0] not in ("postgresql", "postgres"):
                raise ValueError("must be an address like postgresql://user:password@host:5432/database")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and _parts(value)[0] not in ("redis", "rediss", "unix"):
            raise ValueError(
                "must be an address like redis://:password@host:6379/0 or unix:///path/to/socket"
            )
        return value

    @field_validator("prefect_api_url", "prefect_ui_url", "meilisearch_url", "alert_webhook")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parsed = urlsplit(value)
        # Raises for an invalid port.
        _port = parsed.port
        if parsed.scheme not in ("http", "https") or not parsed.hostname or "@" in parsed.netloc:
            raise ValueError(
                "must be an address like http://host:4200/api (Prefect) or http://host:7700 (Meilisearch, whose key goes "
                "into MEILISEARCH_MASTER_KEY)"
            )
        return value.rstrip("/")

    @field_validator("exclude", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part for part in value.split(":") if part) if isinstance(value, str) else value

    @property
    def archives(self) -> tuple[str, ...]:
        """Return the locations of the configured roots: a folder's path, and `s3://bucket/prefix`."""
        found = [str(self.archive)] if self.archive else []
        if self.bucket:
            found.append(self.bucket if self.bucket.startswith("s3://") else f"s3://{self.bucket}")
        return tuple(found)

    @property
    def lease(self) -> timedelta:
        """Return the lease of a claim on a file; a living process renews it in time."""
        return timedelta(seconds=self.lease_seconds)

    @property
    def thumbnails(self) -> Path:
        """Return the folder of posters and storyboards."""
        return self.home / "thumbnails"

    @property
    def cache_folder(self) -> Path:
        """Return the folder of copies of hot titles."""
        return self.cache or self.home / "cache"

    @property
    def renditions_folder(self) -> Path:
        """Return the folder of renditions."""
        return self.renditions or self.home / "renditions"

    @property
    def logs(self) -> Path:
        """Return the folder of all logs."""
        return self.home / "logs"


# Names of buckets: Amazon S3, "Bucket naming rules".
_BUCKET = re.compile(r"(s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?)|[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")

# Values of examples that were not replaced.
_PLACEHOLDER = re.compile(r"change[-_ ]?(me|this|it|in)|^(your|my|default|example)[-_ ]", re.IGNORECASE)


def _guessable(secret: str) -> bool:
    known = secret.encode("utf-8", "surrogateescape")
    return len(known) < 32 or len(set(known)) < 8 or _PLACEHOLDER.search(secret) is not None


def _parts(url: SecretStr) -> tuple[str, int | None]:
    """Return scheme and port of an address. Raise ValueError for anything else."""
    parsed = urlsplit(url.get_secret_value())
    return parsed.scheme, parsed.port
