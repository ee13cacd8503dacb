"""The table of a run that makes renditions: the result of each title."""

from __future__ import annotations

from catalog_models.values import format_bytes, format_duration
from flows.job.result_table import Row, result_row
from flows.renditions.summary import Rendered


def renditions_table(rendered: Rendered) -> list[Row]:
    """Return rows of the renditions that were or would be made; problems come first."""
    done = _planned(rendered) if rendered.dry else _done(rendered)
    return [*done, *(result_row("none", one.name, one.problem) for one in rendered.unneeded)]


def _planned(rendered: Rendered) -> list[Row]:
    return [
        result_row("would be made", plan.name, f"{plan.recipe.kind} of {format_bytes(plan.size)}")
        | {
            "size": f"about {format_bytes(plan.estimate.size)}",
            "time": f"about {format_duration(plan.estimate.seconds)}",
        }
        for plan in rendered.plans
    ]


def _done(rendered: Rendered) -> list[Row]:
    down = "; ".join(rendered.down)
    return [
        *(result_row("failed", one.name, one.problem) for one in rendered.failures),
        *(result_row("waits", name, down) for name in rendered.waits),
        *(
            result_row(
                "made", one.name, f"{one.kind} of {format_bytes(one.source_size)}", one.size, one.seconds
            )
            for one in rendered.renditions
        ),
    ]
