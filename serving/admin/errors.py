"""Errors of block admin, and the conversion of errors that steps raise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from serving.http.errors import ApiError
from serving.titles.content_id import ContentNotFoundError
from tasks.catalogue import missing_files
from tasks.catalogue.fields import InvalidEditError
from tasks.catalogue.merge_split import InvalidGroupingError
from tasks.catalogue.title_lookup import NoSuchTitleError


class TitleEditInvalidError(ApiError):
    """The value of a field is invalid."""

    status = 422
    code = "TITLE_EDIT_INVALID"
    message = "year takes a whole number up to 2,147,483,647, not 'soon'"


class TitlePlacingInvalidError(ApiError):
    """The titles cannot be merged, or the files cannot be split off."""

    status = 409
    code = "TITLE_PLACING_INVALID"
    message = "a title cannot be merged with itself"


class MissingFileNotFoundError(ApiError):
    """No missing file has this path."""

    status = 404
    code = "MISSING_FILE_NOT_FOUND"
    message = "no missing file is at /nas/archive/2009/Show 11 or below it"


class FilePresentError(ApiError):
    """The file is not missing; only missing files can be forgotten."""

    status = 409
    code = "FILE_PRESENT"
    message = "2009/Show 11/1.mov is not missing, only missing files can be forgotten"


@contextmanager
def as_api_errors() -> Iterator[None]:
    """Turn errors of steps into API errors."""
    try:
        yield
    except NoSuchTitleError as error:
        raise ContentNotFoundError(str(error)) from None
    except InvalidEditError as error:
        raise TitleEditInvalidError(str(error)) from None
    except InvalidGroupingError as error:
        raise TitlePlacingInvalidError(str(error)) from None
    except missing_files.NotMissingError as error:
        raise MissingFileNotFoundError(str(error)) from None
    except missing_files.FilePresentError as error:
        raise FilePresentError(str(error)) from None
