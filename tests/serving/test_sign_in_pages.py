"""Sign-in for pages: the guard, the renewal before a page is rendered, and forms, all without JavaScript."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from catalog_models.tables import LoginSession, User
from orchestration.settings import Settings
from serving.app import create_app
from serving.http.local_paths import see_other
from serving.kernel.page_guard import decide
from serving.kernel.viewer import ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE
from tests.serving.conftest import Person, client_of, serving, set_password, sign_in
from tests.serving.test_accounts import code_of

COOKIES = {ACCESS_COOKIE, REFRESH_COOKIE, UNTIL_COOKIE}
PASSWORD = "Aces2Kings"


def with_pages(settings: Settings) -> FastAPI:
    """Return the application with small pages behind the guard, instead of those of the web app."""
    app = create_app(settings)

    async def page(request: Request) -> Response:
        decision = await decide(request, public=request.url.path in ("/sign-in", "/register"))
        if decision.location is not None:
            return see_other(decision.location)
        viewer = decision.viewer
        return JSONResponse({"page": request.url.path, "viewer": viewer and viewer.username})

    for path in ("/sign-in", "/register", "/title/{id}", "/search", "/home"):
        app.add_route(path, page)
    return app


@pytest.fixture
def site(settings: Settings) -> Iterator[httpx.Client]:
    """Yield a browser without JavaScript, which follows redirects."""
    with serving(with_pages(settings)) as client:
        client.follow_redirects = True
        yield client


@pytest.fixture
def person(settings: Settings) -> Person:
    return sign_in(settings)


@pytest.fixture
def browser(site: httpx.Client, settings: Settings, person: Person) -> httpx.Client:
    """Return the browser after a sign-in by the form."""
    email, password = set_password(settings, person, PASSWORD)
    answer = post(site, "login", email=email, password=password, next="/title/1")
    assert (answer.status_code, answer.json()["viewer"]) == (200, person.username)
    return site


def post(client: httpx.Client, name: str, origin: str | None = None, **fields: str) -> httpx.Response:
    """Send a form as a page of ours does, or from another origin."""
    own = f"http://{client.base_url.netloc.decode()}"
    headers = {"Origin": origin or own, "Content-Type": "application/x-www-form-urlencoded"}
    return client.post(f"/api/auth/{name}", content=urlencode(fields), headers=headers)


def expire(client: httpx.Client) -> None:
    """Drop the access token, as a browser does after 15 minutes."""
    client.cookies.delete(ACCESS_COOKIE)


def query(answer: httpx.Response) -> dict[str, str]:
    """Return the query of the address that a response redirects to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


@contextmanager
def still(client: httpx.Client) -> Iterator[httpx.Client]:
    """Do not follow redirects."""
    client.follow_redirects = False
    yield client
    client.follow_redirects = True


def reasons(engine: Engine) -> set[str | None]:
    with Session(engine) as session:
        return set(session.scalars(select(LoginSession.end_reason)))


# Cookies


def test_all_cookies_of_a_sign_in_are_set_and_cleared_together(browser: httpx.Client) -> None:
    assert set(browser.cookies) >= COOKIES
    until = int(browser.cookies[UNTIL_COOKIE])
    assert 890 < until - time.time() <= 900
    with still(browser):
        out = post(browser, "logout")
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert out.headers["clear-site-data"] == '"cache"'
    assert not COOKIES & set(browser.cookies)
    lines = out.headers.get_list("set-cookie")
    assert {line.partition("=")[0] for line in lines} == COOKIES


def test_a_refresh_moves_the_end_of_the_access_token(browser: httpx.Client) -> None:
    browser.cookies.set(UNTIL_COOKIE, "1", domain=browser.base_url.host, path="/")
    own = {"Origin": f"http://{browser.base_url.netloc.decode()}"}
    assert browser.post("/api/auth/refresh", headers=own).status_code == 200
    assert 890 < int(browser.cookies[UNTIL_COOKIE].strip('"')) - time.time() <= 900


def test_the_json_sign_out_clears_the_cache(browser: httpx.Client) -> None:
    own = {"Origin": f"http://{browser.base_url.netloc.decode()}"}
    out = browser.post("/api/auth/logout", headers=own)
    assert (out.status_code, out.headers["clear-site-data"]) == (204, '"cache"')


# The guard and the renewal


def test_a_page_opens_after_sixteen_minutes_without_javascript(
    browser: httpx.Client, person: Person, engine: Engine
) -> None:
    for _ in range(3):
        before = browser.cookies[REFRESH_COOKIE]
        expire(browser)
        answer = browser.get("/search?q=a%5Cb&page=2")
        assert answer.json() == {"page": "/search", "viewer": person.username}
        assert answer.url.query == b"q=a%5Cb&page=2", "the mark of the renewal does not stay"
        steps = [urlsplit(step.headers["location"]).path for step in answer.history]
        assert steps == ["/api/auth/continue", "/search", "/search"]
        assert browser.cookies[REFRESH_COOKIE] != before
    assert reasons(engine) == {None}


@pytest.mark.parametrize("count", [2, 3])
def test_tabs_that_continue_at_the_same_time_stay_signed_in(
    browser: httpx.Client, person: Person, engine: Engine, count: int
) -> None:
    expire(browser)
    with ExitStack() as closing, ThreadPoolExecutor(count) as pool:
        tabs = [closing.enter_context(client_of(browser.base_url)) for _ in range(count)]
        for tab in tabs:
            tab.cookies.update(browser.cookies)
        sent = [tab.get("/home").headers["location"] for tab in tabs]
        assert set(sent) == {"/api/auth/continue?next=%2Fhome"}
        answers = list(pool.map(lambda tab: tab.get(sent[0]), tabs))
        assert {answer.headers["location"] for answer in answers} == {"/home?wsoptv_turn=1"}
        for tab in tabs:
            tab.follow_redirects = True
            assert tab.get("/home").json()["viewer"] == person.username
            expire(tab)
        assert tabs[0].get("/home").json()["viewer"] == person.username
    assert reasons(engine) == {None}


def test_a_visitor_is_sent_to_the_sign_in_page_and_back(site: httpx.Client) -> None:
    answer = site.get("/title/1?t=9")
    assert answer.json() == {"page": "/sign-in", "viewer": None}
    assert query(answer.history[0]) == {"next": "/title/1?t=9"}
    assert [step.status_code for step in answer.history] == [303], "a visitor without cookies has no detour"


def test_an_ended_sign_in_is_cleared_and_sent_to_the_sign_in_page(
    browser: httpx.Client, engine: Engine
) -> None:
    with engine.begin() as connection:
        connection.execute(update(LoginSession).values(expires_at=LoginSession.created_at))
    expire(browser)
    answer = browser.get("/title/1?t=9")
    assert answer.json()["page"] == "/sign-in"
    assert query(answer.history[-1]) == {"next": "/title/1?t=9"}
    assert not COOKIES & set(browser.cookies)
    assert len(browser.get("/title/1").history) == 1


def test_a_stolen_refresh_cookie_ends_the_sign_in(browser: httpx.Client, engine: Engine) -> None:
    old = browser.cookies[REFRESH_COOKIE]
    expire(browser)
    browser.get("/home")
    with engine.begin() as connection:
        connection.execute(update(LoginSession).values(rotated_at=LoginSession.created_at - 60 * _SECOND))
    with client_of(browser.base_url) as thief:
        thief.cookies.set(REFRESH_COOKIE, old)
        refused = thief.get("/api/auth/continue?next=/home")
        assert refused.headers["location"] == "/sign-in?next=%2Fhome"
    assert browser.get("/home").json()["page"] == "/sign-in"
    assert "reused" in reasons(engine)


_SECOND = dt.timedelta(seconds=1)


def test_a_browser_that_keeps_no_cookies_ends_at_the_sign_in_page(browser: httpx.Client) -> None:
    """Its cookies do not change: the access token is still missing after the renewal."""
    frozen = "; ".join(f"{name}={browser.cookies[name]}" for name in (REFRESH_COOKIE, UNTIL_COOKIE))
    with client_of(browser.base_url) as client:
        at, steps = "/title/1?t=9", list[str]()
        for _ in range(5):
            client.cookies.clear()
            answer = client.get(at, headers={"Cookie": frozen})
            if answer.status_code != 303:
                break
            at = answer.headers["location"]
            steps.append(at)
    assert steps == [
        "/api/auth/continue?next=%2Ftitle%2F1%3Ft%3D9",
        "/title/1?t=9&wsoptv_turn=1",
        "/sign-in?next=%2Ftitle%2F1%3Ft%3D9",
    ]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"RSC": "1"},
        {"Accept": "application/json"},
        {"Sec-Fetch-Mode": "cors"},
        {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_prefetches_and_scripts_renew_nothing(browser: httpx.Client, headers: dict[str, str]) -> None:
    with still(browser):
        assert browser.get("/home", headers=headers).json()["page"] == "/home"
        expire(browser)
        before = dict(browser.cookies)
        for path in ("/home", "/api/auth/continue?next=/home"):
            refused = browser.get(path, headers=headers)
            assert code_of(refused) == (401, "AUTH_REQUIRED")
            assert not refused.headers.get_list("set-cookie")
        assert browser.get("/sign-in", headers=headers).status_code == 200
        assert dict(browser.cookies) == before
    assert browser.get("/home").json()["page"] == "/home", "a visit afterwards renews"


@pytest.mark.parametrize("site_of", ["cross-site", "same-origin", "none"])
def test_a_link_from_another_site_continues_the_sign_in(browser: httpx.Client, site_of: str) -> None:
    expire(browser)
    chat = {"Sec-Fetch-Site": site_of, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    answer = browser.get("/title/1?t=9", headers={**chat, "Referer": "https://chat.example/"})
    assert answer.json()["page"] == "/title/1"
    assert str(answer.url).endswith("/title/1?t=9")


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/%2F/evil.example",
        "/api/users/me",
        "a",
        "",
    ],
)
def test_no_redirect_leaves_the_site(
    browser: httpx.Client, settings: Settings, person: Person, target: str
) -> None:
    email, password = set_password(settings, person, PASSWORD)
    with still(browser):
        answers = [
            browser.get("/api/auth/continue", params={"next": target}),
            post(browser, "login", email=email, password=password, next=target),
            post(browser, "preferences", theme="dark", next=target),
            post(browser, "login", email=email, password="Wrong2Word", next=target),
            post(browser, "logout", next=target),
            browser.get("/api/auth/continue", params={"next": target}),
        ]
    places = [urlsplit(answer.headers["location"]) for answer in answers]
    assert {answer.status_code for answer in answers} == {303}
    assert {place.netloc for place in places} == {""}
    assert [place.path for place in places] == ["/", "/", "/", "/sign-in", "/sign-in", "/sign-in"]
    assert all("next" not in query(answer) for answer in answers)


def test_a_page_with_a_foreign_path_comes_back_to_the_first_page(browser: httpx.Client) -> None:
    expire(browser)
    with still(browser):
        answer = browser.get("/title/%5C%5Cevil.example")
    assert answer.headers["location"] == "/api/auth/continue?next=%2F"


def test_the_renewal_keeps_the_cookies_during_an_outage(settings: Settings) -> None:
    """A database that is down ends no sign-in."""
    gone = settings.model_copy(update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")})
    person = sign_in(settings)
    with serving(with_pages(settings)) as client:
        email, password = set_password(settings, person, PASSWORD)
        post(client, "login", email=email, password=password)
        kept = dict(client.cookies)
    with serving(with_pages(gone)) as client:
        client.cookies.update(kept)
        expire(client)
        refused = client.get("/api/auth/continue?next=/home")
        assert code_of(refused) == (503, "DATABASE_UNAVAILABLE")
        assert not refused.headers.get_list("set-cookie")
        back = post(client, "login", email=email, password=password, next="/home")
        assert query(back) == {"error": "DATABASE_UNAVAILABLE", "email": email, "next": "/home"}


def test_pages_have_their_own_limit(settings: Settings) -> None:
    few = settings.model_copy(update={"rate_limit": 2, "read_limit": 5})
    person = sign_in(few)
    with serving(with_pages(few)) as client:
        client.cookies.set(ACCESS_COOKIE, person.token)
        answers = [client.get("/home") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert client.get("/api/users/me").status_code == 200
        client.cookies.clear()
        found = [client.get("/sign-in").status_code for _ in range(6)]
        assert found == [200] * 5 + [429]
        assert [client.get("/home").status_code for _ in range(20)] == [303] * 20, "a redirect costs nothing"


# Forms


def test_a_wrong_password_keeps_the_e_mail_and_the_destination(site: httpx.Client) -> None:
    answer = post(site, "login", email="ann+1@example.com", password="Wrong2Word", next="/title/1?t=9")
    assert answer.json() == {"page": "/sign-in", "viewer": None}
    assert query(answer.history[0]) == {
        "error": "AUTH_WRONG_CREDENTIALS",
        "email": "ann+1@example.com",
        "next": "/title/1?t=9",
    }
    assert not site.cookies


def test_too_many_attempts_say_how_long_to_wait(site: httpx.Client) -> None:
    answers = [post(site, "login", email="ann@example.com", password="Wrong2Word") for _ in range(11)]
    found = query(answers[-1].history[0])
    assert found["error"] == "AUTH_TOO_MANY_ATTEMPTS"
    assert 1 <= int(found["wait"]) <= 900


@pytest.mark.parametrize(
    "fields", [{}, {"email": "ann@example.com"}, {"email": "a", "password": "x" * 2_000}]
)
def test_an_incomplete_form_returns_to_the_page(site: httpx.Client, fields: dict[str, str]) -> None:
    with still(site):
        answer = post(site, "login", **fields)
    assert query(answer)["error"] == "REQUEST_INVALID"
    assert urlsplit(answer.headers["location"]).path == "/sign-in"


@pytest.mark.parametrize("name", ["login", "register", "logout", "preferences"])
@pytest.mark.parametrize("origin", ["null", "https://evil.example", "http://tv.test.evil.example"])
def test_forms_of_other_origins_are_refused(
    browser: httpx.Client, settings: Settings, name: str, origin: str
) -> None:
    email, password = set_password(settings, sign_in(settings), PASSWORD)
    fields = {"email": email, "password": password, "username": "evil", "theme": "dark"}
    before = dict(browser.cookies)
    refused = post(browser, name, origin, **fields)
    assert code_of(refused) == (403, "AUTH_ORIGIN_REFUSED")
    assert not refused.headers.get_list("set-cookie")
    assert dict(browser.cookies) == before
    none = browser.post(f"/api/auth/{name}", data=fields)
    assert code_of(none) == (403, "AUTH_ORIGIN_REFUSED"), "every browser sends an origin with a form"
    assert browser.get("/home").json()["page"] == "/home"


@pytest.mark.parametrize(("policy", "status"), [("open", "active"), ("approval", "pending")])
def test_a_registration_by_form_leads_to_the_sign_in(
    settings: Settings, engine: Engine, policy: str, status: str
) -> None:
    wanted = {"email": "new@example.com", "username": "new.one", "password": PASSWORD, "next": "/title/1"}
    with serving(with_pages(settings.model_copy(update={"registration": policy}))) as client:
        answer = post(client, "register", **wanted)
        assert answer.status_code == 303
        assert query(answer) == {"registered": status, "email": "new@example.com", "next": "/title/1"}
        taken = post(client, "register", **(wanted | {"email": "NEW@example.com", "username": "other"}))
        assert urlsplit(taken.headers["location"]).path == "/register"
        assert query(taken) == {
            "error": "AUTH_ACCOUNT_TAKEN",
            "field": "email",
            "email": "NEW@example.com",
            "username": "other",
            "next": "/title/1",
        }
        weak = post(client, "register", **(wanted | {"email": "b@example.com", "password": "short"}))
        assert (query(weak)["error"], query(weak)["field"]) == ("REQUEST_INVALID", "password")
        assert "short" not in weak.headers["location"]
    with Session(engine) as session:
        assert session.scalars(select(User.email)).all() == ["new@example.com"]


def test_a_closed_registration_returns_to_its_page(settings: Settings) -> None:
    with serving(with_pages(settings.model_copy(update={"registration": "closed"}))) as client:
        answer = post(client, "register", email="a@example.com", username="ann", password=PASSWORD)
        assert query(answer)["error"] == "AUTH_REGISTRATION_CLOSED"
        assert client.get("/api/auth/options").json()["registration"] == "closed"


def test_signing_out_twice_by_form_leads_to_the_sign_in_page(browser: httpx.Client, engine: Engine) -> None:
    expire(browser)
    for _ in range(2):
        assert post(browser, "logout").json() == {"page": "/sign-in", "viewer": None}
    assert "logout" in reasons(engine)


@pytest.mark.parametrize("body", [b"\xff=1", b"email=%ff&password=x", b"a&" * 30, b""])
def test_a_malformed_form_is_refused(site: httpx.Client, body: bytes) -> None:
    own = f"http://{site.base_url.netloc.decode()}"
    headers = {"Origin": own, "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    with still(site):
        answer = site.post("/api/auth/login", content=body, headers=headers)
    assert "REQUEST_INVALID" in (answer.headers.get("location") or answer.text)


def test_preferences_are_kept_in_cookies_that_pages_read(site: httpx.Client) -> None:
    with still(site):
        answer = post(site, "preferences", locale="ko", theme="light", next="/search?q=a")
        assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=a")
        assert (site.cookies["wsoptv_locale"], site.cookies["wsoptv_theme"]) == ("ko", "light")
        own = {"Origin": f"http://{site.base_url.netloc.decode()}"}
        changed = site.post("/api/auth/preferences", json={"theme": "dark"}, headers=own)
        assert changed.status_code == 204
        assert (site.cookies["wsoptv_locale"], site.cookies["wsoptv_theme"]) == ("ko", "dark")
        assert code_of(post(site, "preferences", theme="neon")) == (422, "REQUEST_INVALID")


def test_the_json_of_sign_ins_is_unchanged(site: httpx.Client, settings: Settings, person: Person) -> None:
    email, password = set_password(settings, person, PASSWORD)
    own = {"Origin": f"http://{site.base_url.netloc.decode()}"}
    answer = site.post("/api/auth/login", json={"email": email, "password": password}, headers=own)
    assert answer.json()["token_type"] == "bearer"
    wrong = site.post("/api/auth/login", json={"email": email, "password": "Wrong2Word"}, headers=own)
    assert code_of(wrong) == (401, "AUTH_WRONG_CREDENTIALS")
    assert site.get("/api/auth/login").status_code == 405


def test_options_tell_pages_the_rules(site: httpx.Client) -> None:
    assert site.get("/api/auth/options").json() == {
        "registration": "approval",
        "password": {"min_characters": 8, "max_bytes": 72, "kinds": ["uppercase", "lowercase", "digit"]},
        "access_seconds": 900,
        "refresh_seconds": 604_800,
        "locales": ["en", "ko"],
        "themes": ["system", "dark", "light"],
    }
