#!/usr/bin/env python3
"""Writes the bytes of the cases in src/http/testing/cases to files that fuzzers start from.

Usage: make_seeds.py CASES SEEDS    makes SEEDS/requests, SEEDS/responses, and SEEDS/bodies of what is chunked
"""
import hashlib
import pathlib
import re
import shutil
import sys

SINGLE = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", "s": b" "}
ESCAPE = re.compile(r"\\x([0-9a-f]{2})|\\(.)|([^\\]+)")


def unescaped(text):
    pieces = []
    for code, letter, plain in ESCAPE.findall(text):
        pieces.append(bytes([int(code, 16)]) if code else SINGLE[letter] if letter else plain.encode())
    return b"".join(pieces)


def cases(folder):
    """Yields the bytes of each case."""
    for file in sorted(folder.glob("*.txt")):
        for case in re.split(r"^\[.*\]$", file.read_text(), flags=re.MULTILINE)[1:]:
            yield b"".join(unescaped(line[2:]) for line in case.splitlines() if line.startswith("> "))


def write(folder, contents):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for content in contents:
        (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def main():
    source, seeds = map(pathlib.Path, sys.argv[1:])
    requests = list(cases(source / "requests"))
    responses = list(cases(source / "responses"))
    if not requests or not responses:
        sys.exit(f"make_seeds: no cases in {source}")
    write(seeds / "requests", requests)
    write(seeds / "responses", responses)
    write(seeds / "bodies", [case.split(b"\r\n\r\n", 1)[1] for case in requests + responses
                             if b"chunked\r\n\r\n" in case])


if __name__ == "__main__":
    main()
