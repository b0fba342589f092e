"""Builds wheels that carry the static binary, for one system or for all.

    python python/build_wheels.py --version 1.2.3 --out dist            # all systems
    python python/build_wheels.py --version 1.2.3 --out dist --host     # this one

Needs Go and Python's own library. The same sources, version and Go give the same bytes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent

# The tags of wheels, by GOOS and GOARCH. Binaries are static, so that any Linux does.
TAGS = {
    ("linux", "amd64"): "py3-none-manylinux_2_17_x86_64.musllinux_1_1_x86_64",
    ("linux", "arm64"): "py3-none-manylinux_2_17_aarch64.musllinux_1_1_aarch64",
    ("darwin", "amd64"): "py3-none-macosx_12_0_x86_64",
    ("darwin", "arm64"): "py3-none-macosx_12_0_arm64",
    ("windows", "amd64"): "py3-none-win_amd64",
    ("windows", "arm64"): "py3-none-win_arm64",
}


def binary(goos: str, goarch: str, version: str, to: Path) -> bytes:
    """The command for a system."""
    env = {**os.environ, "GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0"}
    flags = ["-trimpath", "-buildvcs=false", f"-ldflags=-s -w -buildid= -X tsgen/internal/command.built={version}"]
    subprocess.run(["go", "build", *flags, "-o", str(to), "./cmd/tsgen"], cwd=HERE.parent, env=env, check=True)
    return to.read_bytes()


def metadata(project: dict, version: str) -> str:
    lines = [
        "Metadata-Version: 2.3",
        f"Name: {project['name']}",
        f"Version: {version}",
        f"Summary: {project['description']}",
        f"Keywords: {','.join(project['keywords'])}",
        f"License: {project['license']}",
        *(f"Classifier: {c}" for c in project["classifiers"]),
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {d}" for d in project["dependencies"]),
    ]
    for extra, needed in project["optional-dependencies"].items():
        lines.append(f"Provides-Extra: {extra}")
        lines += [f'Requires-Dist: {d} ; extra == "{extra}"' for d in needed]
    lines.append("Description-Content-Type: text/markdown")
    return "\n".join(lines) + "\n\n" + (HERE / "README.md").read_text()


def wheel(out: Path, tag: str, version: str, project: dict, command: bytes, name: str) -> Path:
    """Writes a wheel (PEP 427)."""
    info = f"tsgen-{version}.dist-info"
    files: dict[str, bytes] = {
        f"tsgen/{p.name}": p.read_bytes()
        for p in sorted((HERE / "src" / "tsgen").iterdir())
        if p.suffix == ".py" or p.name == "py.typed"
    }
    files["tsgen/_version.py"] = re.sub(rb'"[^"]*"$', f'"{version}"'.encode(), files["tsgen/_version.py"].rstrip()) + b"\n"
    files[f"tsgen/bin/{name}"] = command
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\ntsgen = tsgen._command:main\n"
    files[f"{info}/METADATA"] = metadata(project, version).encode()
    tags = [f"py3-none-{p}" for p in tag.removeprefix("py3-none-").split(".")]
    files[f"{info}/WHEEL"] = "\n".join(
        ["Wheel-Version: 1.0", "Generator: tsgen", "Root-Is-Purelib: false", *(f"Tag: {t}" for t in tags), ""]
    ).encode()
    files[f"{info}/licenses/LICENSE"] = (HERE.parent / "LICENSE").read_bytes()
    record = []
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record.append(f"{path},sha256={digest},{len(data)}")
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    path = out / f"tsgen-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for inner, data in files.items():
            entry = zipfile.ZipInfo(inner, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if inner.endswith(f"/{name}") else 0o100644) << 16
            z.writestr(entry, data)
    return path


def host() -> tuple[str, str]:
    machine = {"x86_64": "amd64", "amd64": "amd64", "arm64": "arm64", "aarch64": "arm64"}[platform.machine().lower()]
    return {"linux": "linux", "darwin": "darwin", "win32": "windows"}[sys.platform], machine


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--version", required=True)
    arguments.add_argument("--out", type=Path, default=Path("dist"))
    arguments.add_argument("--host", action="store_true", help="for this system alone")
    arguments.add_argument("--binary", type=Path, help="a binary of this system that is built already")
    arguments.add_argument("--binaries", type=Path, help="the folder bin of a release, go run ./cmd/release")
    given = arguments.parse_args()
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)*((a|b|rc)[0-9]+)?(\.dev[0-9]+)?(\+[a-z0-9.]+)?", given.version):
        raise SystemExit(f"--version is {given.version!r}, want one such as 1.2.3, 1.2.3rc1 or 1.2.3.dev4")
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    given.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for goos, goarch in [host()] if given.host or given.binary else TAGS:
            name = "tsgen.exe" if goos == "windows" else "tsgen"
            if given.binary:
                command = given.binary.read_bytes()
            elif given.binaries:
                command = (given.binaries / f"tsgen_{goos}_{goarch}{Path(name).suffix}").read_bytes()
            else:
                command = binary(goos, goarch, given.version, Path(scratch) / name)
            print(wheel(given.out, TAGS[goos, goarch], given.version, project, command, name))


if __name__ == "__main__":
    main()
