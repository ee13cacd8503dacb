"""Titles that do not play get complete renditions outside the archive, valid while their file is the same."""

from __future__ import annotations

import itertools
import os
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest
from sqlalchemy import update

from catalog_models.reads.overview import overview
from catalog_models.tables import CachedFile, Content, MediaFile, Rendition
from catalog_models.values import format_bytes
from flows.job.context import JobContext
from flows.promotion.plan import PromotionRequest
from flows.renditions import reconcile
from flows.renditions import render as render_step
from flows.renditions.plan import batches_of
from flows.renditions.reconcile import RenditionsGoneError
from flows.renditions.report import renditions_table
from orchestration.transactions import Transactions
from tasks.catalogue.title_lookup import NoSuchTitleError
from tasks.metadata.inspection import inspect
from tasks.renditions.encoder import RenditionFailedError
from tests.flows.conftest import MKV, Render, promoted
from tests.media.clips import FIELDS, H264, PATTERN, TONE, ffmpeg
from tests.plugins.ingest import Archive, Ingest


def folder_of(ingest: Ingest) -> Path:
    return ingest.settings.renditions_folder


def rendition_files(ingest: Ingest) -> list[Path]:
    return sorted(folder_of(ingest).iterdir())


def title(ingest: Ingest, day: int) -> Content:
    return next(one for name, one in ingest.titles().items() if name.endswith(f"Day {day}"))


def look(path: Path) -> Any:
    seen = path.stat()
    return inspect(os.fsencode(path), seen.st_size, seen.st_mtime_ns)


def test_a_remux_needs_no_encoding_and_the_title_plays(
    masters: Archive, ingest: Ingest, render: Render, attributes: Callable[[Path], dict[str, Any]]
) -> None:
    before = attributes(masters.root)
    assert title(ingest, 1).status == "preparing"
    planned = render(dry=True)
    assert [(plan.recipe.kind, plan.name) for plan in planned.plans] == [("remux", title(ingest, 1).title)]
    assert planned.size == (masters.root / MKV).stat().st_size
    assert rendition_files(ingest) == [], "a dry run changes nothing"
    assert (render().made, render().made) == (1, 0)
    (made,) = rendition_files(ingest)
    found = look(made)
    assert (found.facts.container, found.verdict.playability, found.facts.moov) == ("mp4", "direct", "first")
    original = look(masters.root / MKV).facts
    assert found.facts.video == original.video, "not encoded again"
    assert found.facts.duration_seconds == pytest.approx(original.duration_seconds, abs=0.1)
    assert (title(ingest, 1).status, title(ingest, 2).status) == ("ready", "preparing")
    assert "plays as a rendition" in str(title(ingest, 1).best_file_reason)
    assert attributes(masters.root) == before


def test_pictures_from_avi_are_shown_in_order(archive: Archive, ingest: Ingest, render: Render) -> None:
    """AVI stores the decoding order of pictures; H.264 shows them in another."""
    name = "WSOP 2031 Main Event Day 1.avi"
    ffmpeg(*f"{PATTERN} {H264} -bf 3".format(seconds=4).split(), str(archive.root / name))
    ingest(archive.root)
    assert render().made == 1
    (made,) = rendition_files(ingest)
    with av.open(str(made)) as shown, av.open(str(archive.root / name)) as original:
        times = [picture.time for picture in shown.decode(video=0)]
        assert len(times) == sum(1 for _ in original.decode(video=0))
        steps = [later - time for time, later in itertools.pairwise(times)]
        # AVI does not store the duration of the last picture.
        assert steps[:-1] == pytest.approx([0.04] * (len(steps) - 1), abs=0.001)


@pytest.mark.parametrize("longer", ["a second sound track", "subtitles"])
def test_tracks_that_are_left_out_may_last_longer(
    archive: Archive, ingest: Ingest, render: Render, tmp_path: Path, longer: str
) -> None:
    (tmp_path / "late.srt").write_text("1\n00:00:00,000 --> 00:00:20,000\nlong after the end\n")
    more = {
        "a second sound track": "-f lavfi -i sine=duration=20 -map 0 -map 1 -map 2 -c:a aac",
        "subtitles": f"-i {tmp_path}/late.srt -map 0 -map 1 -map 2 -c:a aac -c:s srt",
    }[longer]
    command = f"{PATTERN} {TONE} {more} {H264}".format(seconds=4)
    ffmpeg(*command.split(), str(archive.root / MKV))
    ingest(archive.root)
    done = render()
    assert (done.made, done.failed) == (1, [])


def test_masters_are_encoded_on_request(masters: Archive, ingest: Ingest, render: Render) -> None:
    planned = render(dry=True, transcode=True)
    costs = {plan.recipe.kind: plan.estimate for plan in planned.plans}
    assert set(costs) == {"remux", "transcode"}
    assert costs["transcode"].size > 0 < costs["transcode"].seconds
    assert render(transcode=True).made == 2
    found = [look(path).facts for path in rendition_files(ingest)]
    assert all((one.video.codec, one.audio[0].codec, one.moov) == ("h264", "aac", "first") for one in found)
    assert {title(ingest, day).status for day in (1, 2)} == {"ready"}


def test_codecs_that_mp4_does_not_carry_become_webm(archive: Archive, ingest: Ingest, render: Render) -> None:
    out = archive.root / "WSOP 2031 Main Event Day 5.mkv"
    command = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=320x180:r=25:d=2",
        "-f",
        "lavfi",
        "-i",
        "sine=r=48000:d=2",
    ]
    command += ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libvorbis", str(out)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    ingest(archive.root)
    assert render().made == 1
    (made,) = rendition_files(ingest)
    assert (look(made).facts.container, ingest.rows(Rendition)[0].container) == ("webm", "webm")
    assert title(ingest, 5).status == "ready"


def test_chapters_are_kept(archive: Archive, ingest: Ingest, render: Render, tmp_path: Path) -> None:
    marks, out = tmp_path / "marks", archive.root / "WSOP 2031 Main Event Day 6.mkv"
    marks.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=Before\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=A hand\n"
    )
    plain = tmp_path / "plain.mkv"
    plain.write_bytes(archive.video("mkv"))
    command = [
        "-v",
        "error",
        "-i",
        str(plain),
        "-i",
        str(marks),
        "-map",
        "0",
        "-map_chapters",
        "1",
        "-c",
        "copy",
        str(out),
    ]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    ingest(archive.root)
    assert render().made == 1
    (made,) = rendition_files(ingest)
    assert [(mark.start_seconds, mark.title) for mark in look(made).facts.chapters] == [
        (0.0, "Before"),
        (1.0, "A hand"),
    ]


def test_a_named_title_gets_a_rendition_or_a_reason(masters: Archive, ingest: Ingest, render: Render) -> None:
    ids = {day: title(ingest, day).id for day in (1, 2)}
    assert "it must be encoded" in render(content_ids=(ids[2],)).needless[0]
    assert render(content_ids=(ids[1],)).made == 1
    again = render(content_ids=(ids[1],))
    assert (again.plans, again.needless) == ([], [f"{title(ingest, 1).title}: it already has one"])
    with pytest.raises(NoSuchTitleError, match="no title with the id"):
        render(content_ids=(uuid.uuid4(),))


def test_hot_titles_are_copied_as_their_rendition(masters: Archive, ingest: Ingest, render: Render) -> None:
    render()
    context = JobContext(
        ingest.settings.model_copy(update={"cache_bytes": 1 << 30}),
        Transactions(ingest.engine, ingest.events.append),
        ingest.pool,
    )
    wanted = PromotionRequest((title(ingest, 1).id,))
    _read_again(ingest)
    assert promoted(context, wanted).copied == 0, (
        "its rendition may be outdated, and a master is never copied"
    )
    ingest(masters.root)
    assert promoted(context, wanted).copied == 1
    (copy,) = ingest.rows(CachedFile)
    (made,) = rendition_files(ingest)
    assert (ingest.settings.cache_folder / str(copy.id)).read_bytes() == made.read_bytes()
    _read_again(ingest)
    assert (promoted(context, wanted).removed, promoted(context, wanted).copied) == (0, 0), (
        "the copy is still valid"
    )
    ingest(masters.root)
    assert [one.id for one in ingest.rows(CachedFile)] == [copy.id]


def _read_again(ingest: Ingest) -> None:
    """Read all files again, as `ingest --full` does."""
    with ingest.session() as session, session.begin():
        session.execute(update(MediaFile).values(metadata_at=None))


def test_a_changed_file_no_longer_plays_its_old_rendition(
    masters: Archive, ingest: Ingest, render: Render
) -> None:
    render()
    (first,) = rendition_files(ingest)
    masters.put(MKV)
    ingest(masters.root)
    assert title(ingest, 1).status == "preparing"
    assert render().made == 1
    (second,) = rendition_files(ingest)
    assert (second != first, title(ingest, 1).status) == (True, "ready")


def test_a_file_that_was_only_touched_or_moved_keeps_its_rendition(
    masters: Archive, ingest: Ingest, render: Render
) -> None:
    render()
    os.utime(masters.root / MKV, (1_600_000_000, 1_600_000_000))
    ingest(masters.root)
    (masters.root / MKV).rename(masters.root / "WSOP 2031 Main Event Day 1 mastered.mkv")
    ingest(masters.root)
    assert (title(ingest, 1).status, render().made) == ("ready", 0)


def test_a_deleted_rendition_is_made_again(masters: Archive, ingest: Ingest, render: Render) -> None:
    render()
    (made,) = rendition_files(ingest)
    made.unlink()
    foreseen = render(dry=True)
    assert (foreseen.removed, len(foreseen.plans), title(ingest, 1).status) == (1, 1, "ready")
    assert (render().removed, title(ingest, 1).status, len(rendition_files(ingest))) == (1, "ready", 1)


def test_the_loss_of_all_renditions_is_refused_even_if_they_are_few(
    masters: Archive, ingest: Ingest, render: Render, tmp_path: Path
) -> None:
    render(transcode=True)
    (tmp_path / "wrong").mkdir()
    for dry in (True, False):
        with pytest.raises(RenditionsGoneError, match="WSOPTV_RENDITIONS right"):
            render(dry=dry, settings={"renditions": tmp_path / "wrong"})
    assert (title(ingest, 1).status, title(ingest, 2).status) == ("ready", "ready")


def test_a_rendition_is_recognised_by_its_size_and_readable_by_nginx(
    masters: Archive, ingest: Ingest, render: Render
) -> None:
    (foreseen,) = renditions_table(render(dry=True))
    assert (foreseen["result"], str(foreseen["why"]).partition(" ")[0]) == ("would be made", "remux")
    before = os.umask(0o077)
    try:
        done = render()
    finally:
        os.umask(before)
    (made,) = rendition_files(ingest)
    assert made.stat().st_mode & 0o777 == 0o644
    (row,) = renditions_table(done)
    assert (row["size"], done.renditions[0].size) == (format_bytes(made.stat().st_size), made.stat().st_size)
    assert done.others == {"transcode": 1}


def test_an_unmounted_disk_loses_no_rendition(
    masters: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As with 20 of hundreds of files.
    monkeypatch.setattr(reconcile, "is_plausible_loss", lambda gone, _: not gone)
    render()
    folder = folder_of(ingest)
    folder.rename(away := folder.with_name("away"))
    with pytest.raises(RenditionsGoneError, match="is its disk mounted"):
        render()
    folder.rmdir()
    away.rename(folder)
    assert (render().removed, title(ingest, 1).status) == (0, "ready")
    rendition_files(ingest)[0].unlink()
    assert render(accept_missing=True).made == 1


def test_an_index_at_the_end_is_moved_to_the_front_on_request(
    archive: Archive, ingest: Ingest, render: Render
) -> None:
    source, out = archive.root / "a.mkv", archive.root / "WSOP 2031 Main Event Day 3.mp4"
    source.write_bytes(archive.video("mkv"))
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-v", "error", "-i", str(source), "-c", "copy", str(out)], check=True)
    source.unlink()
    ingest(archive.root)
    (file,) = ingest.rows(MediaFile)
    assert (file.moov, render().made, render(faststart=True).made) == ("last", 0, 1)
    (made,) = rendition_files(ingest)
    assert look(made).facts.moov == "first"
    assert title(ingest, 3).status == "ready"


def test_a_pair_of_mono_tracks_becomes_stereo(archive: Archive, ingest: Ingest, render: Render) -> None:
    out = archive.root / "WSOP 2031 Main Event Day 4.mxf"
    tracks = ["-f", "lavfi", "-i", "sine=r=48000:d=2:frequency=400", "-f", "lavfi", "-i", "sine=r=48000:d=2"]
    command = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=720x576:r=25:d=2",
        *tracks,
        "-map",
        "0",
        "-map",
        "1",
    ]
    command += ["-map", "2", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-c:a", "pcm_s16le", str(out)]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), *command], check=True)
    ingest(archive.root)
    assert render(transcode=True).made == 1
    (made,) = rendition_files(ingest)
    facts = look(made).facts
    assert [track.channels for track in facts.audio] == [2]
    assert not facts.video.interlaced


def test_interlaced_video_that_plays_is_deinterlaced_on_request(
    archive: Archive, ingest: Ingest, render: Render
) -> None:
    """The new rendition replaces the one that copied the video; it is made once."""
    path = archive.root / "WSOP 2031 Main Event Day 5.ts"
    ffmpeg(*f"{FIELDS.format('top', 'tff')} {H264}".split(), str(path))
    ingest(archive.root)
    assert render().made == 1
    (copied,) = rendition_files(ingest)
    assert look(copied).facts.video.interlaced
    chosen = (title(ingest, 5).id,)
    assert "ask for deinterlace" in render(content_ids=chosen).needless[0]
    planned = render(dry=True, deinterlace=True)
    assert [plan.recipe.kind for plan in planned.plans] == ["deinterlace"]
    assert render(deinterlace=True).made == 1
    (rendition,) = ingest.rows(Rendition)
    assert (rendition.kind, rendition.state) == ("deinterlace", "ready")
    assert not look(folder_of(ingest) / str(rendition.id)).facts.video.interlaced
    assert title(ingest, 5).status == "ready"
    assert render(deinterlace=True).plans == []
    assert render(deinterlace=True, content_ids=chosen).plans == []


def test_a_failure_to_deinterlace_is_left_to_the_next_run(
    archive: Archive, ingest: Ingest, render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    ffmpeg(
        *f"{FIELDS.format('top', 'tff')} {H264}".split(), str(archive.root / "WSOP 2031 Main Event Day 5.ts")
    )
    ingest(archive.root)
    assert render().made == 1
    with monkeypatch.context() as patched:
        patched.setattr(render_step, "make_rendition", _give_up)
        assert len(render(deinterlace=True).failed) == 1
    assert (title(ingest, 5).status, ingest.rows(Rendition)) == ("preparing", [])
    assert render().made == 1
    assert title(ingest, 5).status == "ready"


def _give_up(*_: object) -> None:
    raise RenditionFailedError("ffmpeg gave up")


def test_the_overview_counts_the_titles_that_a_run_would_take(
    masters: Archive, ingest: Ingest, render: Render
) -> None:
    """Whatever was made, failed or changed: the overview shows the number of the plan."""

    def counted() -> dict[str, int]:
        planned = render(dry=True, transcode=True, accept_missing=True)
        kinds = Counter(str(plan.recipe.kind) for plan in planned.plans)
        with ingest.session() as session:
            assert overview(session, "", []).renditions == {
                kind: kinds[kind] for kind in ("remux", "transcode")
            }
        return kinds

    masters.put("WSOP 2031 Main Event Day 3.mkv")
    masters.put("WSOP 2031 Main Event Day 4.mp4")
    ingest(masters.root)
    assert counted() == {"remux": 2, "transcode": 1}
    render(content_ids=(title(ingest, 1).id,))
    assert counted() == {"remux": 1, "transcode": 1}
    for change in (
        update(Rendition).values(state="failed"),
        update(Rendition).values(state="making"),
        update(Content).values(is_visible=False),
        update(Content).values(is_visible=True),
        update(MediaFile).values(metadata_at=None),
    ):
        with ingest.session() as session, session.begin():
            session.execute(change)
        counted()
    masters.put(MKV)
    ingest(masters.root)
    assert counted() == {"remux": 2, "transcode": 1}
    (masters.root / MKV).unlink()
    ingest(masters.root)
    assert counted() == {"remux": 1, "transcode": 1}


def test_many_renditions_are_made_in_a_few_steps() -> None:
    kinds: list[Any] = list(range(1_058))
    batches = batches_of(kinds)
    assert [plan for batch in batches for plan in batch.plans] == kinds
    assert len(batches) <= 200
    assert [len(batch.plans) for batch in batches_of(kinds[:200])] == [1] * 200
    assert batches_of([]) == []
