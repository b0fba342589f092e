"""Runs the command, which does all the work."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tsgen._errors import of_status

log = logging.getLogger("tsgen")

Progress = Callable[[dict[str, Any]], None]


def command_path() -> str:
    """The command: what ``TSGEN_BINARY`` names, that of the wheel, or ``tsgen`` of the path."""
    named = os.environ.get("TSGEN_BINARY")
    if named:
        return named
    name = "tsgen.exe" if sys.platform == "win32" else "tsgen"
    own = Path(__file__).parent / "bin" / name
    if own.exists():
        if not os.access(own, os.X_OK):
            own.chmod(0o755)  # as some installers leave it
        return str(own)
    found = shutil.which("tsgen")
    # A script of this very package would call itself.
    if found and not _is_script(found):
        return found
    raise FileNotFoundError(
        "there is no tsgen command: install a wheel of this system, put the command on the path, "
        "or name it by the environment variable TSGEN_BINARY"
    )


def _is_script(path: str) -> bool:
    with open(path, "rb") as f:
        return f.read(2) == b"#!"


def main() -> None:
    """The command on the path of the environment that the wheel is installed in."""
    args = [command_path(), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(args[0], args)
    sys.exit(subprocess.run(args).returncode)


def command_version() -> str:
    """The version of the command."""
    return str(json.loads(run(["version", "--json"]))["version"])


def _environment() -> dict[str, str]:
    # Settings of the shell are not those of a program: arguments say all.
    own = {k: v for k, v in os.environ.items() if not k.startswith("TSGEN_")}
    own["TSGEN_CONFIG"] = ""
    return own


def run(args: Sequence[str], stdin: bytes | None = None, progress: Progress | None = None) -> bytes:
    """Runs the command and returns what it writes. Its notes are logged, its errors raised.

    With progress, which is called with each step, the arguments have to ask for it.
    """
    process = subprocess.Popen(
        [command_path(), *args],
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
    )
    assert process.stdout is not None and process.stderr is not None
    notes: list[str] = []
    failure: list[str] = []

    def listen(lines: Any) -> None:
        for raw in lines:
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            if line.startswith("tsgen: "):
                failure.append(line.removeprefix("tsgen: "))
            elif line.startswith("{") and progress is not None:
                event = json.loads(line)
                if "note" in event:
                    _note(event["note"], notes)
                else:
                    progress(event)
            else:
                _note(line, notes)

    def feed(data: bytes, pipe: Any) -> None:
        try:
            with pipe:
                pipe.write(data)
        except (BrokenPipeError, OSError):
            pass  # the command has seen enough, and says why

    workers = [threading.Thread(target=listen, args=(process.stderr,), daemon=True)]
    if stdin is not None:
        workers.append(threading.Thread(target=feed, args=(stdin, process.stdin), daemon=True))
    for w in workers:
        w.start()
    try:
        out = process.stdout.read()
        status = process.wait()
    except BaseException:
        _interrupt(process)
        raise
    finally:
        process.stdout.close()
    for w in workers:
        w.join()
    process.stderr.close()
    if status != 0:
        raise of_status(status, failure[-1] if failure else f"the command ended with status {status}", notes)
    return out


def _note(text: str, notes: list[str]) -> None:
    notes.append(text)
    log.info("%s", text)


def _interrupt(process: subprocess.Popen[bytes]) -> None:
    """Has the command end, which keeps what it can."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
