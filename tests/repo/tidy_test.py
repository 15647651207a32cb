#!/usr/bin/env python3
"""Runs clang-tidy over the host's sources, as many at a time as there are processors.

A file that passed is not looked at again until it, a header of ours that it includes, its command line or the checks change.
Usage: tidy_test.py BUILD_DIRECTORY [PATH_PREFIX...]    by default src examples tests
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

from repo_files import ROOT, repo_files

INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)
# The guest kernel's image is built freestanding; its sources are looked at as they are built for their unit tests.
FREESTANDING = "-ffreestanding"
# GoogleTest's macros take most of the time and expand to what the checks dislike.
UNIT_TEST = "_test.cpp"
# Programs that tests run in a machine do odd things on purpose.
GUEST_PROGRAMS = "/programs/"


def commands(build, prefixes):
    """The command line of each source that git knows and the host compiles."""
    known = {str(ROOT / file) for file in repo_files(".cpp")}
    wanted = tuple(str(ROOT / prefix) for prefix in prefixes)
    entries = json.loads((build / "compile_commands.json").read_text())
    return {entry["file"]: entry["command"] for entry in entries
            if entry["file"] in known and entry["file"].startswith(wanted) and not entry["file"].endswith(UNIT_TEST)
            and GUEST_PROGRAMS not in entry["file"].removeprefix(str(ROOT)) and FREESTANDING not in entry["command"]}


def own_includes(file, seen):
    """Adds to `seen` the file and, recursively, the headers of the repository that it includes."""
    if file in seen:
        return
    seen.add(file)
    for name in INCLUDE.findall(file.read_bytes()):
        for folder in (file.parent, ROOT / "src", ROOT / "examples", ROOT / "tests"):
            header = folder / name.decode()
            if header.is_file():
                own_includes(header.resolve(), seen)
                break


def key_of(file, command, version):
    digest = hashlib.sha256(f"{version}\n{command}\n".encode())
    digest.update((ROOT / ".clang-tidy").read_bytes())
    included = set()
    own_includes(pathlib.Path(file).resolve(), included)
    for path in sorted(included):
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def tidy(build, file):
    ended = subprocess.run(["clang-tidy", "--quiet", "-p", str(build), file], capture_output=True, text=True, check=False)
    return file, ended.returncode == 0, ended.stdout + ("" if ended.stdout else ended.stderr)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    cache = build / "clang-tidy-passed"
    cache.mkdir(exist_ok=True)
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, text=True, check=True).stdout
    keys = {file: key_of(file, command, version)
            for file, command in commands(build, sys.argv[2:] or ["src", "examples", "tests"]).items()}
    if not keys:
        sys.exit(f"tidy: {build}/compile_commands.json names no source of ours")
    due = [file for file, key in keys.items() if not (cache / key).exists()]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for file, passed, output in pool.map(lambda file: tidy(build, file), due):
            if passed:
                (cache / keys[file]).touch()
            else:
                failed += 1
                print(output)
    for stale in cache.iterdir():
        if stale.name not in keys.values():
            stale.unlink()
    print(f"tidy: {len(keys)} files, {len(due)} looked at, {failed} with findings")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
