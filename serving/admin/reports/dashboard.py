"""`GET /api/admin/dashboard`: current activity, recent activity and the state of the machine."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fastapi import Request
from sqlalchemy import TextClause, select, text

from catalog_models.tables import Alert
from serving.admin.reports.alerts import OneAlert
from serving.admin.reports.dashboard_schemas import Archive, Dashboard, Now, Point, System, Today, TopTitle
from serving.admin.reports.machine import machine_status
from serving.http.errors import FOR_ROLES, documented
from serving.kernel.context import Context
from serving.kernel.resources import Session
from serving.kernel.routes import api_router
from serving.kernel.viewer import Admin

router = api_router("admin")

_MOST_ALERTS = 50

_NOW = text("""
select count(*) filter (where started_at is not null) as active_streams,
       count(*) filter (where started_at is null) as waiting,
       (select count(distinct user_id) from login_sessions
        where ended_at is null and used_at > now() - interval '15 minutes') as people_online
from playback_sessions where ended_at is null
""")
_TODAY = text("""
with today as (select date_trunc('day', now(), 'UTC') as began)
select (select count(*) from content_views, today where viewed_at >= began) as views,
       count(playback.id) as plays,
       count(distinct playback.user_id) as people,
       coalesce(sum(playback.bytes_sent), 0)::bigint as bytes_sent,
       (select count(*) from users, today where last_login_at >= began) as signed_in,
       (select count(*) from contents, today where created_at >= began) as new_titles
from today left join playback_sessions playback on playback.started_at >= today.began
""")
_SERIES = """
select at,
       (select count(*) from playback_sessions
        where started_at >= at and started_at < at + interval '1 {step}') as plays,
       (select count(distinct user_id) from playback_sessions
        where started_at >= at and started_at < at + interval '1 {step}') as people,
       (select count(*) from content_views
        where viewed_at >= at and viewed_at < at + interval '1 {step}') as views
from generate_series(date_trunc('{step}', now(), 'UTC') - interval '{back} {step}',
                     date_trunc('{step}', now(), 'UTC'), interval '1 {step}') as at
order by at
"""
_HOURS, _DAYS = text(_SERIES.format(step="hour", back=23)), text(_SERIES.format(step="day", back=6))
_TOP = text("""
select content_id as id, title, count(*) as views, count(distinct user_id) as people
from content_views join contents on contents.id = content_id
where viewed_at > now() - interval '7 days'
group by content_id, title order by views desc, title, content_id limit 10
""")
_ARCHIVE = text("""
select (select count(*) from contents where is_visible and status = 'ready') as ready_titles,
       (select count(*) from contents where is_visible and status = 'preparing') as preparing_titles,
       count(*) filter (where missing_since is null) as files,
       coalesce(sum(size) filter (where missing_since is null), 0)::bigint as bytes,
       count(*) filter (where missing_since is not null and forgotten_at is null) as missing_files,
       count(*) filter (where quarantined_at is not null and missing_since is null) as quarantined_files,
       (select count(*) from stage_failures) as failures,
       (select count(*) from users where approved_at is null) as registrations_waiting
from media_files
""")


@router.get("/admin/dashboard", summary="Get the dashboard", responses=documented(*FOR_ROLES))
async def get_dashboard(request: Request, _: Admin, session: Session) -> Dashboard:
    """Return the activity now, today, in the last 24 hours and in the last 7 days.

    The response also contains the most watched titles of the week, open alerts, and the state of the archive
    and the machine.
    """
    context: Context = request.state.context
    states = await request.state.monitor.states()
    rows = {
        name: [dict(row) for row in (await session.execute(statement)).mappings()]
        for name, statement in _STATEMENTS.items()
    }
    database_bytes = await session.scalar(text("select pg_database_size(current_database())"))
    alerts = await session.scalars(
        select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at.desc()).limit(_MOST_ALERTS)
    )
    home = context.settings.home
    return Dashboard(
        now=Now(**rows["now"][0]),
        today=Today(**rows["today"][0]),
        last_24_hours=[Point(**row) for row in rows["hours"]],
        last_7_days=[Point(**row) for row in rows["days"]],
        top_titles=[TopTitle(**row) for row in rows["top"]],
        archive=Archive(**rows["archive"][0], roots_down=list(states.roots_down)),
        system=System(
            **await asyncio.to_thread(machine_status, home),
            database_bytes=database_bytes or 0,
            error_rate=context.metrics.error_rate.value(),
            cache_hit_rate=context.l1.hit_rate,
        ),
        alerts=[OneAlert.model_validate(alert) for alert in alerts],
    )


_STATEMENTS: Mapping[str, TextClause] = {
    "now": _NOW,
    "today": _TODAY,
    "hours": _HOURS,
    "days": _DAYS,
    "top": _TOP,
    "archive": _ARCHIVE,
}
