"""What the document cannot tell schemathesis: real ids, and the tenant that the run uses."""

import os
import unicodedata
import uuid
from urllib.parse import parse_qsl, urlsplit

import requests
import schemathesis

# What the document's examples name, and what the running stack has in its place.
REAL = {
    "hall-1": os.environ["ENTITY_ID"],
    "event-app-prod": os.environ["APP_ID"],
    "65b0c0ffee0123456789abcd": os.environ["SEAT_A"],
    "65b0c0ffee0123456789abcf": os.environ["SEAT_B"],
    "65b0c0ffee0123456789abce": os.environ["USER_ID"],
    "0b0e4c0e-8c0f-4f51-9d7b-6a6f3f4f1c2d": os.environ["RESERVATION_TOKEN"],
    "5d1f6a72-3c84-4b0e-8f57-2f9f0c6f7a31": os.environ["RELEASE_TOKEN"],
    "BK-20260122-7K2M9QX4TB": os.environ["BOOKING_ID"],
    "asha@example.com": os.environ["USER_EMAIL"],
    "a long enough one": os.environ["USER_PASSWORD"],
    "admin@example.com": os.environ["ADMIN_EMAIL"],
    "the admin's long one": os.environ["ADMIN_PASSWORD"],
}
EXAMPLE_KEY = "6f2b1c1e-0d53-4f6e-9f0f-0c2a9e6f0e4f"


def with_real_ids(value):
    if isinstance(value, dict):
        return {name: with_real_ids(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [with_real_ids(inner) for inner in value]
    return REAL.get(value, value) if isinstance(value, str) else value


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """The examples are sent as they are: with the stack's own ids they get past 404."""
    for part in list(raw_schema):
        raw_schema[part] = with_real_ids(raw_schema[part])


def without_nulls(value):
    """A body without `null`, which is as if absent: the schemas do not say so."""
    if isinstance(value, dict):
        return {name: {"$": 1} if inner is None else without_nulls(inner) for name, inner in value.items()}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def is_sent_without_value(name, value):
    """Whether a query parameter is sent as `name=` or not at all, as `[]`, `[""]` and `["", {}]`
    are."""
    url = requests.Request("GET", "http://localhost", params={name: value}).prepare().url
    return not any(sent for _, sent in parse_qsl(urlsplit(url).query, keep_blank_values=True))


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta and case.meta.generation.mode.is_negative:
        # A query parameter without a value is as if absent too. Both stay wrong in another way.
        query = case.query or {}
        for name in [name for name in query if is_sent_without_value(name, query[name])]:
            case.query[name] = "!" * 65
        if isinstance(case.body, dict):
            case.body = without_nulls(case.body)
    # No schema says which content type goes with which format.
    if case.path.endswith("/import") and (case.query or {}).get("format") in ("csv", "pretix"):
        case.query["format"] = "csv" if case.media_type == "text/csv" else "pretix"
    body = case.body if isinstance(case.body, dict) else {}
    if case.meta and case.meta.generation.mode.is_positive:
        # No schema says which cursors were issued, which domains can have an owner, and who needs
        # none.
        if case.query and "cursor" in case.query:
            case.query["cursor"] = os.environ["SEATS_CURSOR" if case.path == "/seats" else "BOOKINGS_CURSOR"]
        if isinstance(body.get("allowedDomains"), list):
            origins = [f"https://{number}.example.com" for number in range(len(body["allowedDomains"]) or 1)]
            case.body = {**body, "allowedDomains": origins}
        # No schema says how many bytes a text has.
        if case.path == "/auth/signup" and isinstance(body.get("password"), str):
            size = len(unicodedata.normalize("NFC", body["password"]).encode("utf-8", "replace"))
            case.body = body if 10 <= size <= 71 else {**body, "password": os.environ["USER_PASSWORD"]}
    # If the run's tenant lost its key or origin, every later response would be a 401 or 403. So
    # another tenant is changed instead.
    changes = case.method == "PATCH" or case.path.endswith("/rotate-key")
    if changes and (case.path_parameters or {}).get("appId") == os.environ["APP_ID"]:
        case.path_parameters["appId"] = os.environ["OTHER_APP_ID"]
    # One key with many bodies gets 422 for all but the first.
    if case.headers and case.headers.get("Idempotency-Key") == EXAMPLE_KEY:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
