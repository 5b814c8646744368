#!/usr/bin/env python3
"""Runs schemathesis with openapi.yaml against a local stack of its own.

    python3 scripts/run_schemathesis.py <stack binary>        (make schemathesis)

The stack is `make dev`'s, on a free port and in a folder of its own, so it can run beside another
one. SEED=<number> repeats a run. EXAMPLES=<number> is the largest number of random cases per
operation.
"""

import json
import os
import random
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "tests" / "schemathesis"
FOLDER = ".local/schemathesis"
SCHEMATHESIS = ROOT / ".local" / "tools" / "bin" / "schemathesis"
# The rate limits have tests of their own. Here they would hide other responses.
RATE_LIMITS = ["LOGIN", "SIGNUP", "ADMIN_LOGIN", "RESERVE", "CONFIRM", "APP", "KEY_FAILURES"]
PASSWORD = "correct horse battery"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(binary):
    """Starts a fresh stack and returns it with the variables of its dev.env."""
    folder = ROOT / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {name: value for name, value in os.environ.items() if name not in ("MONGODB_URI", "REDIS_URL", "SECRET_ID")}
    limits = {f"RATE_LIMIT_{name}": "1000000/60" for name in RATE_LIMITS}
    settings = {"PORT": str(free_port()), "CONCURRENCY": "2", "MAX_HELD_SEATS_PER_USER": "100000", "HOLD_TTL_SECONDS": "3600"}
    log = (folder / "stack.log").open("wb")
    stack = subprocess.Popen([binary, "dev", FOLDER], cwd=ROOT, env={**env, **limits, **settings}, stdout=log, stderr=log)
    ready = folder / "dev.env"
    while not ready.exists():
        if stack.poll() is not None:
            sys.exit("schemathesis: the stack does not start:\n" + (folder / "stack.log").read_text())
        time.sleep(0.1)
    return stack, dict(word.split("=", 1) for word in shlex.split(ready.read_text(), comments=True) if "=" in word)


def stop(stack):
    stack.send_signal(signal.SIGTERM)
    try:
        stack.wait(60)
    except subprocess.TimeoutExpired:
        # The kernel ends its servers with it.
        stack.kill()
        stack.wait()


def call(url, body=None, **headers):
    """Sends a request that must succeed and returns the response's `data`."""
    headers = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode(), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"schemathesis: {url}: {error.code} {error.read().decode()}")


def prepare(env):
    """Signs in and creates one resource of each kind. Returns the variables that the configuration
    and the hooks read."""
    base = env["BASE_URL"]
    admin = call(f"{base}/admin/login", {"email": env["ADMIN_EMAIL"], "password": env["ADMIN_PASSWORD"]})
    app = {"x_app_id": env["EVENT_APP_ID"], "x_api_key": env["EVENT_API_KEY"], "origin": env["EVENT_ORIGIN"]}
    account = {"email": f"schemathesis.{random.getrandbits(64):x}@example.com", "password": PASSWORD, "name": "Schemathesis"}
    user = call(f"{base}/auth/signup", account, **app)
    app["authorization"] = f"Bearer {user['token']}"
    seats = call(f"{base}/seats?entityId={env['EVENT_ENTITY_ID']}", **app)["seats"]
    seats = [seat["seatId"] for seat in seats]
    holds = [call(f"{base}/reserve-seat", {"seatId": seat}, **app)["reservationToken"] for seat in seats[:4]]
    for number in (0, 1):
        paid = {"reservationToken": holds[number], "paymentId": f"pay_before_{number}"}
        booking = call(f"{base}/confirm-booking", paid, **app)
    return {
        "HOOKS": str(HERE / "hooks.py"), "BASE_URL": base,
        "ORIGIN": env["EVENT_ORIGIN"], "APP_ID": env["EVENT_APP_ID"], "API_KEY": env["EVENT_API_KEY"],
        "OTHER_APP_ID": env["BUS_APP_ID"],
        "ADMIN_EMAIL": env["ADMIN_EMAIL"], "ADMIN_PASSWORD": env["ADMIN_PASSWORD"], "ADMIN_TOKEN": admin["token"],
        "USER_EMAIL": account["email"], "USER_PASSWORD": PASSWORD, "USER_TOKEN": user["token"], "USER_ID": user["user"]["userId"],
        "ENTITY_ID": env["EVENT_ENTITY_ID"], "SEAT_A": seats[4], "SEAT_B": seats[5],
        "SEATS_CURSOR": call(f"{base}/seats?entityId={env['EVENT_ENTITY_ID']}&limit=1", **app)["nextCursor"],
        "BOOKINGS_CURSOR": call(f"{base}/bookings?limit=1", **app)["nextCursor"],
        "RESERVATION_TOKEN": holds[2], "RELEASE_TOKEN": holds[3], "BOOKING_ID": booking["bookingId"],
    }


def main():
    # A SIGTERM ends the stack too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    seed = os.environ.get("SEED") or str(random.randrange(2**32))
    examples = os.environ.get("EXAMPLES") or "40"
    print(f"schemathesis: SEED={seed} EXAMPLES={examples}", flush=True)
    stack, dev_env = start(sys.argv[1])
    try:
        command = [SCHEMATHESIS, "--config-file", HERE / "schemathesis.toml", "run", ROOT / "openapi.yaml", "--seed", seed,
                   "--max-examples", examples, *shlex.split(os.environ.get("ARGS", ""))]
        # In a folder of its own, so that its cache stays out of the tree.
        done = subprocess.run(command, cwd=ROOT / FOLDER, env={**os.environ, **prepare(dev_env)})
    finally:
        stop(stack)
    if done.returncode != 0:
        print(f"schemathesis: to see it again: make schemathesis SEED={seed} EXAMPLES={examples}", file=sys.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
