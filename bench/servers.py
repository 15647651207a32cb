#!/usr/bin/env python3
"""Servers under Mayfly and natively: what a machine of each takes, and how long answers take.

For each: time to boot, pages that a request dirties and exits that it makes (--stats), p50 of a short answer and of a page against native,
rounds in alternation, medians. --update writes them into docs/compatibility.md.

Usage: servers [--build DIR] [--rounds N] [--requests N] [--update] [NAME...]
"""
import argparse
import dataclasses
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import compare

ROOT = compare.ROOT
EXAMPLES = compare.EXAMPLES
MODULES = EXAMPLES / "node_modules"
SOURCES = ROOT / "tests/servers/programs"
COUNTED_REQUESTS = 50
BOOTED = re.compile(r"booted in (\d+) ms")
HEADING = "## Servers, measured"
INTRODUCTION = """\
`bench/servers.py --update`, {rounds} rounds of {requests} requests each, one kept-alive connection (Flask: one for each request), on {processor}
with {kvm}. *Boot* is until the program listens and rests; *pages* are those that a reset puts back after a short answer, *exits* those of a
request for it. Then p50 in microseconds, under Mayfly and natively, of a short answer and of a page of some 30 KB, and the
median of the ratios of the rounds. Versions are those of runtimes and compilers; natively, scripts have the flags that Mayfly gives them.
Where native answers take 44 ms, the program writes them in two pieces and waits for a delayed acknowledgement in between.
[Servers](servers.md) and [scripts](scripts.md) say how each is started.
"""


@dataclasses.dataclass
class Row:
    name: str
    version: list            # a command that prints it
    native: list             # a command
    mayfly: list             # what follows `mayfly`
    page: str = "/page"
    folder: pathlib.Path = ROOT
    reconnects: bool = False


def runtime(name):
    return MODULES / ("deno/deno" if name == "deno" else f"{name}/bin/{name}")


NATIVE_FLAGS = {
    "deno": ["run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", f"--preload={ROOT}/src/cli/preload/deno.js"],
    "node": ["--single-threaded", "--v8-pool-size=0", f"--import={ROOT}/src/cli/preload/node.mjs"],
    "bun": ["--no-install"],
}
NATIVE_ENVIRONMENT = {
    "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "UV_THREADPOOL_SIZE": "1", "BUN_JSC_useConcurrentJIT": "0",
    "BUN_JSC_useConcurrentGC": "0", "BUN_JSC_numberOfGCMarkers": "1", "BUN_GC_TIMER_DISABLE": "1", "MIMALLOC_PURGE_DELAY": "-1",
    "BUN_RUNTIME_TRANSPILER_CACHE_PATH": "0",
}


def script(name, under, path, page="/page"):
    file = EXAMPLES / path
    return Row(f"{name} ({under})", [runtime(under), "--version"], [runtime(under), *NATIVE_FLAGS[under], file],
               ["serve", f"--runtime={runtime(under)}", file], page)


def program(name, version, command, **more):
    return Row(name, version, command, ["run", "--", *command], **more)


def rows(build):
    binaries = build / "tests/servers/programs"
    python = "/usr/bin/python3.11"
    in_python = {"version": [python, "--version"], "folder": SOURCES / "python"}
    return [
        script("Deno.serve", "deno", "frameworks/deno-serve.js"),
        script("node:http", "deno", "frameworks/node-http.js"),
        script("TypeScript", "deno", "frameworks/typed.ts"),
        script("Hono", "deno", "frameworks/hono.js"),
        script("React, streamed", "deno", "react/dist/fetch.js", "/stream"),
        script("node:http", "node", "frameworks/node-http.js"),
        script("Express 5", "node", "frameworks/express.js"),
        script("Fastify 5", "node", "frameworks/fastify.js"),
        script("Hono", "node", "frameworks/hono-node.js"),
        script("React, streamed", "node", "react/dist/fetch.js", "/stream"),
        script("Next.js", "node", "next/.next/standalone/server.js", "/items"),
        script("Astro", "node", "astro/dist/server/entry.mjs", "/items"),
        script("Bun.serve", "bun", "frameworks/bun-serve.js"),
        script("Elysia", "bun", "frameworks/elysia.js"),
        script("Hono", "bun", "frameworks/hono.js"),
        script("React, streamed", "bun", "react/dist/fetch.js", "/stream"),
        program("http.server", command=[python, "http_server.py"], **in_python),
        program("asyncio", command=[python, "asyncio_streams.py"], **in_python),
        program("Flask, wsgiref", command=[python, "flask_app.py"], reconnects=True, **in_python),
        program("uvicorn", command=["/usr/bin/uvicorn", "--port", "@PORT@", "asgi_app:app"], **in_python),
        program("Go net/http", ["go", "version"], [binaries / "go-cgo0"]),
        program("Rust, threads", ["/usr/bin/rustc", "--version"], [binaries / "rust"]),
        program("C, epoll, static", ["gcc", "--version"], [binaries / "c-epoll-static"]),
        program("C, threads, dynamic", ["gcc", "--version"], [binaries / "c-threads-dynamic"]),
    ]


class Native(compare.Server):
    """It may say nothing when it listens, so its port is asked until it answers."""

    def __init__(self, row):
        port = str(compare.free_port())
        self.address = f"127.0.0.1:{port}"
        command = [str(word).replace("@PORT@", port) for word in row.native]
        self.process = subprocess.Popen(command, cwd=row.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env={**os.environ, **NATIVE_ENVIRONMENT, "PORT": port})


class Served(compare.Server):
    def __init__(self, row, build, options=(), stdout=subprocess.DEVNULL):
        command, *rest = (str(word).replace("@PORT@", "8000") for word in row.mayfly)
        warm_up = ["--warmup-path=/", f"--warmup-path={row.page}"]
        super().__init__([build / "mayfly", command, "--listen=127.0.0.1:0", *warm_up, *options, *rest], compare.SERVING,
                         stdout=stdout, folder=row.folder)


def version(command):
    said = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True)
    return re.search(r"\d+\.\d+(\.\d+)?", said.stdout or said.stderr)[0]


def counts(row, build):
    """Boot time, pages and exits of a request."""
    with tempfile.TemporaryFile("w+") as output:
        with Served(row, build, ["--stats=json", "--vms=1"], output) as server:
            boot_ms = int(BOOTED.search(server.said[-1])[1])
            compare.load(build, server, COUNTED_REQUESTS, "/", row.reconnects)
        output.seek(0)
        lines = [json.loads(line) for line in output if line.startswith("{")]  # the program's own are there as well
    requests = [line for line in lines if line["kind"] == "request"]
    pages, exits = (statistics.median(one[figure] for one in requests) for figure in ("pages_copied", "exits"))
    return boot_ms, round(pages), round(exits)


def times(row, build, rounds, requests):
    """Of each path: p50 under Mayfly, natively, and the median of their ratios."""
    result = {}
    with Native(row) as outside, Served(row, build) as inside:
        for path in ("/", row.page):
            pairs = [[compare.load(build, server, requests, path, row.reconnects)["p50_us"] for server in (inside, outside)]
                     for _ in range(rounds)]
            result[path] = (statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs),
                            statistics.median(pair[0] / pair[1] for pair in pairs))
    return [result["/"], result[row.page]]


def line_of(row, build, given):
    boot_ms, pages, exits = counts(row, build)
    short, page = times(row, build, given.rounds, given.requests)
    cells = [row.name, version(row.version), f"{boot_ms} ms", pages, exits]
    for ours, native, ratio in (short, page):
        cells += [f"{ours:.0f}", f"{native:.0f}", f"{ratio:.2f}"]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def processor():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii"))
    return f"{os.cpu_count()} processors ({model[1] if model else platform.machine()})"


def update(lines, given):
    sys.path.insert(0, str(ROOT / "tests/compat"))
    from common import report
    doctor = subprocess.run([given.build / "mayfly", "doctor"], capture_output=True, text=True, check=False).stdout
    exit_cost = re.search(r"entry and exit +[\d.]+ +([\d.]+) us", doctor)
    kvm = f"KVM whose exit takes {exit_cost[1]} us" if exit_cost else "KVM"
    section = (HEADING + "\n\n" + INTRODUCTION.format(rounds=given.rounds, requests=given.requests, processor=processor(), kvm=kvm) + "\n" +
               "\n".join(lines) + "\n")
    path = ROOT / "docs/compatibility.md"
    path.write_text(report.with_section(path.read_text(encoding="utf-8"), section), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="rows whose names contain one of these")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=300, help="per round")
    parser.add_argument("--update", action="store_true", help="write the table into docs/compatibility.md")
    given = parser.parse_args()
    given.build = given.build.resolve()
    if given.update and given.names:
        parser.error("--update wants all rows")
    lines = ["| server | version | boot | pages | exits | short | native | ratio | page | native | ratio |",
             "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    print("\n".join(lines))
    for row in rows(given.build):
        if given.names and not any(name in row.name for name in given.names):
            continue
        if not shutil.which(str(row.native[0])):
            sys.exit(f"servers: {row.native[0]} is missing: ./check builds it, or scripts/setup installs it")
        lines.append(line_of(row, given.build, given))
        print(lines[-1], flush=True)
    if given.update:
        update(lines, given)


if __name__ == "__main__":
    main()
