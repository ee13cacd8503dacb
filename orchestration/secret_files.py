"""Secrets from files, as Docker and Kubernetes mount them: `NAME_FILE` names the file with the value."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

SUFFIX = "_FILE"

# Variables of all AWS tools, which are not our settings. The tools do not read them from files.
AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")

# Bytes.
_LARGEST = 65_536


class SecretFileError(ValueError):
    """A secret cannot be read from its file; the message names the variable and the file."""

    def __init__(self, variable: str, message: str) -> None:
        super().__init__(message)
        self.variable = variable


def secret(name: str) -> str | None:
    """Return the value of the variable `NAME`, or the content of the file that `NAME_FILE` names, or None.

    Newlines at the end of the file are ignored. An empty variable counts as not set. Raise `SecretFileError`
    if both are set, or the file cannot be read, is empty or is not text.
    """
    value, path = os.environ.get(name) or None, os.environ.get(name + SUFFIX)
    if not path:
        return value
    if value is not None:
        raise SecretFileError(name + SUFFIX, f"{name} is set as well: set one of the two")
    return _content(name + SUFFIX, Path(path))


def _content(variable: str, path: Path) -> str:
    # Servers and flow runs start in other folders.
    if not path.is_absolute():
        raise SecretFileError(variable, f"the path of the file must be absolute, not {path}")
    try:
        # A pipe can be read only once, but each of our processes reads its settings.
        if path.exists() and not path.is_file():
            raise SecretFileError(variable, f"{path} is not a regular file")
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode().rstrip("\r\n")
    except OSError as error:
        raise SecretFileError(variable, f"cannot read the file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SecretFileError(variable, f"the file {path} is not UTF-8 text") from None
    if not text.strip():
        raise SecretFileError(variable, f"the file {path} is empty")
    if len(content) > _LARGEST or "\0" in text:
        raise SecretFileError(
            variable, f"the file {path} is not a secret: it is binary, or larger than {_LARGEST:,} bytes"
        )
    return text


def secret_names(settings: type[BaseSettings]) -> list[str]:
    """Return the variables of all settings that are secrets."""
    return [str(field.alias) for field in settings.model_fields.values() if _is_secret(field)]


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


class SecretFiles(PydanticBaseSettingsSource):
    """The source of secret settings, and only of those; each is set by its variable or by `NAME_FILE`."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the secret, its variable, and False: it needs no decoding."""
        name = str(field.alias or field_name)
        return secret(name) if _is_secret(field) else None, name, False

    def __call__(self) -> dict[str, Any]:
        """Return the secrets by variable. Raise `ValidationError`, as for any setting that is not valid."""
        names = secret_names(self.settings_cls)
        found = _read([*names, *AWS], self.settings_cls.__name__)
        return {name: found[name] for name in names if name in found}


def _read(names: Iterable[str], title: str) -> dict[str, str]:
    found: dict[str, str] = {}
    wrong: list[InitErrorDetails] = []
    for name in names:
        try:
            value = secret(name)
        except SecretFileError as error:
            message = PydanticCustomError("secret_file", "{message}", {"message": str(error)})
            wrong.append(InitErrorDetails(type=message, loc=(error.variable,), input=None))
        else:
            if value is not None:
                found[name] = value
    if wrong:
        raise ValidationError.from_exception_data(title, wrong, hide_input=True)
    return found
