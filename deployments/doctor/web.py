"""The check of `wsoptv doctor` for the web app: its build, Node.js, and the running renderer."""

from __future__ import annotations

from deployments.doctor.check import Check
from deployments.instance_lock import served_address
from deployments.web.built_app import built_app
from deployments.web.health import web_state
from deployments.web.node import OFF, NodeMissingError, find_node
from orchestration.settings import Settings

_PLAIN = "people get the plain page"


def check_web(settings: Settings) -> Check:
    """Check that pages of the web app can be rendered, and that the running API renders them."""
    if settings.node == OFF:
        return Check("web", True, f"off: {_PLAIN}")
    app = built_app()
    if app is None:
        return Check(
            "web",
            False,
            f"the web app is not built: {_PLAIN}",
            "run `make web` in the checkout, install a wheel that contains it, or set WSOPTV_NODE=off",
        )
    try:
        node = find_node(settings.node)
    except NodeMissingError as error:
        says, _, mend = str(error).rpartition(": ")
        return Check("web", False, f"{says}: {_PLAIN}", mend)
    address = served_address(settings)
    state = None if address is None else web_state(address)
    if state is not None and state.status == "degraded":
        return Check("web", False, str(state), f"see {settings.logs / 'web.log'}")
    return Check("web", True, f"{app}, Node {node.version} at {node.program}")
