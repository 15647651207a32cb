#!/usr/bin/env python3
"""Writes the bytes of the cases in src/http/testing/cases to files that fuzzers start from.

Usage: make_seeds.py CASES SEEDS    makes SEEDS/requests, SEEDS/responses, SEEDS/bodies of what is chunked, and
                                    SEEDS/hellos of TLS
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


def vector(contents, size):
    return len(contents).to_bytes(size, "big") + contents


def hello(extensions, piece=16384):
    """A ClientHello, in records of at most so many bytes."""
    body = b"\3\3" + bytes(32) + vector(b"", 1) + vector(b"\x13\1", 2) + vector(b"\0", 1) + vector(extensions, 2)
    message = b"\1" + vector(body, 3)
    return b"".join(b"\x16\3\1" + vector(message[at:at + piece], 2) for at in range(0, len(message), piece))


def server_name(name):
    return b"\0\0" + vector(vector(b"\0" + vector(name, 2), 2), 2)


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
    named = server_name(b"a.example.com")
    write(seeds / "hellos", [hello(b""), hello(named), hello(named, 7), hello(b"\0\x17\0\0" + named), hello(named * 2)])


if __name__ == "__main__":
    main()
