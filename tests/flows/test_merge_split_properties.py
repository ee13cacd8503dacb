"""After any edits and changes of files, each file belongs to one title, and no shown title is empty."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict

from hypothesis import HealthCheck, given
from hypothesis import settings as testing
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from catalog_models.tables import Content, MediaFile, Root
from flows.ingest.titles import title_of
from tasks.catalogue.merge_split import InvalidGroupingError, merge_titles, split_title
from tasks.catalogue.regroup import regroup
from tests.plugins.ingest import ANN

NOW = dt.datetime(2031, 7, 1, tzinfo=dt.UTC)
NAMES = [f"{folder}/WSOP 2031 Main Event Day {day}.mp4" for day in (3, 4) for folder in "abc"]
FILES = len(NAMES)

numbers = st.integers(0, FILES - 1)
steps = st.one_of(
    st.tuples(st.just("merge"), numbers, numbers),
    st.tuples(st.just("split"), numbers, numbers),
    st.tuples(st.just("rename"), numbers, st.integers(3, 6)),
    st.tuples(st.just("turn"), numbers, numbers),
)


class Shelf:
    """A few files, as a scan and the later steps left them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        root = Root(path=b"/archive", path_text="/archive")
        session.add(root)
        session.flush()
        self.ids = [self._add(root, name) for name in NAMES]
        self.regroup()

    def _add(self, root: Root, name: str) -> uuid.UUID:
        file = MediaFile(root_id=root.id, path=name.encode(), path_text=name, size=1, mtime_ns=1)
        file.playability, file.quality_at = "direct", NOW
        self._read(file)
        self.session.add(file)
        self.session.flush()
        return file.id

    def _read(self, file: MediaFile) -> None:
        title = title_of(file)
        file.title, file.content_key = title, title["content_key"]

    def files(self) -> list[MediaFile]:
        self.session.expire_all()
        found = {file.id: file for file in self.session.scalars(select(MediaFile))}
        return [found[key] for key in self.ids]

    def regroup(self, *numbers: int) -> None:
        files = self.files()
        regroup(self.session, [files[number] for number in numbers] or files)
        self.session.flush()

    def do(self, what: str, one: int, other: int) -> None:
        file = self.files()[one]
        assert file.content_id
        try:
            if what == "merge":
                merge_titles(self.session, file.content_id, [self.shown_by(other)], ANN)
            elif what == "split":
                split_title(self.session, file.content_id, {self.ids[one], self.ids[other]}, ANN)
            elif what == "rename":
                file.path_text = f"{file.path_text[0]}/WSOP 2031 Main Event Day {other}.mp4"
                self._read(file)
                # In an earlier batch.
                self.regroup((one + 1) % FILES)
                self.regroup(one)
            else:
                file.missing_since = None if file.missing_since else NOW
                self.regroup(one)
        except InvalidGroupingError:
            return

    def shown_by(self, number: int) -> uuid.UUID:
        shown = self.files()[number].content_id
        assert shown
        return shown

    def pins(self) -> dict[uuid.UUID, uuid.UUID | None]:
        return {file.id: file.content_id for file in self.files() if file.grouped_by == "human"}

    def groups(self) -> dict[uuid.UUID, list[MediaFile]]:
        """Return the present files by title."""
        groups: dict[uuid.UUID, list[MediaFile]] = defaultdict(list)
        for file in self.files():
            if file.missing_since is None:
                assert file.content_id
                groups[file.content_id].append(file)
        return groups


@given(st.lists(steps, max_size=12))
@testing(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_file_is_in_one_shown_title(engine: Engine, work: list[tuple[str, int, int]]) -> None:
    with Session(engine) as session:
        shelf = Shelf(session)
        for what, one, other in work:
            before = shelf.pins()
            shelf.do(what, one, other)
            groups, pins = shelf.groups(), shelf.pins()
            shown = {title.id: title for title in session.scalars(select(Content).where(Content.is_visible))}
            assert shown.keys() == groups.keys()
            for key, title in shown.items():
                assert title.best_file_id in {file.id for file in groups[key]}
            by_rule = {
                (file.content_key, key)
                for key, files in groups.items()
                for file in files
                if file.id not in pins
            }
            assert len({name for name, _title in by_rule}) == len(by_rule)
            assert what in ("merge", "split") or before == pins
            session.execute(text("set constraints all immediate"))
            session.execute(text("set constraints all deferred"))
            shelf.regroup()
            assert {key: set(files) for key, files in shelf.groups().items()} == {
                key: set(files) for key, files in groups.items()
            }
        session.rollback()
