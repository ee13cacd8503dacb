"""Writes `daily_statistics`, from views and playback sessions."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

# One row for each day from :first to :last; only the last one has the present archive. A session that plays
# over midnight counts on both days for `most_at_once`, and on the first day for its bytes.
_SUM = text("""
with days as (
    select day::date as day, (day at time zone 'utc') as start, ((day + interval '1 day') at time zone 'utc') as stop
    from generate_series(cast(:first as timestamp), cast(:last as timestamp), interval '1 day') as day
), steps as (
    select day, moment, step from days join playback_sessions s
        on s.started_at < stop and coalesce(s.ended_at, now()) >= start,
        lateral (values (greatest(s.started_at, start), 1), (least(coalesce(s.ended_at, now()), stop), -1)) as at(moment, step)
), heights as (
    select day, sum(step) over (partition by day order by moment, step rows unbounded preceding) as height from steps
), archive as (
    select (select count(*) from contents where is_visible) as titles, count(*) as files, coalesce(sum(size), 0) as bytes
    from media_files where missing_since is null
)
insert into daily_statistics
    (day, views, viewers, players, most_at_once, bytes_sent, titles, files, archive_bytes)
select days.day,
    (select count(*) from content_views v where v.viewed_at >= start and v.viewed_at < stop),
    (select count(distinct user_id) from content_views v where v.viewed_at >= start and v.viewed_at < stop),
    (select count(*) from playback_sessions s where s.started_at >= start and s.started_at < stop),
    coalesce((select max(height) from heights h where h.day = days.day), 0),
    (select coalesce(sum(bytes_sent), 0) from playback_sessions s where s.started_at >= start and s.started_at < stop),
    case when days.day = cast(:last as date) then archive.titles end,
    case when days.day = cast(:last as date) then archive.files end,
    case when days.day = cast(:last as date) then archive.bytes end
from days, archive
on conflict (day) do update set
    views = greatest(daily_statistics.views, excluded.views), viewers = greatest(daily_statistics.viewers, excluded.viewers),
    players = greatest(daily_statistics.players, excluded.players),
    most_at_once = greatest(daily_statistics.most_at_once, excluded.most_at_once),
    bytes_sent = greatest(daily_statistics.bytes_sent, excluded.bytes_sent),
    titles = coalesce(daily_statistics.titles, excluded.titles), files = coalesce(daily_statistics.files, excluded.files),
    archive_bytes = coalesce(daily_statistics.archive_bytes, excluded.archive_bytes), summed_at = now()
""")


def sum_up(session: Session, first: dt.date, last: dt.date) -> None:
    """Sum up the days (UTC) from `first` to `last`, both included.

    Numbers of a day that was summed up before never decrease: its sessions may have been deleted meanwhile.
    """
    session.execute(_SUM, {"first": first, "last": last})
