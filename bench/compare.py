#!/usr/bin/env python3
"""Response times of examples under Mayfly and natively: one kept-alive connection, rounds in alternation, medians.

Usage: compare [--build DIR] [--rounds N] [--requests N] [--path PATH] [--mayfly-option=OPTION ...] EXAMPLE...
"""
import argparse
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
DENO = EXAMPLES / "node_modules/deno/deno"
START_TIMEOUT_S = 60
LOAD_TIMEOUT_S = 120
SERVING = r" serving .* on http://([\d.:]+):"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Server:
    """A server of ours; `with` ends it."""

    def __init__(self, command, ready, environment=None, stdout=subprocess.DEVNULL, folder=None):
        self.process = subprocess.Popen([str(word) for word in command], stdout=stdout, stderr=subprocess.PIPE, text=True,
                                        cwd=folder, env={**os.environ, **(environment or {})})
        deadline = threading.Timer(START_TIMEOUT_S, self.process.kill)
        deadline.start()
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            if found := re.search(ready, line):
                self.address = found[1]
                break
        deadline.cancel()
        if not hasattr(self, "address"):
            sys.exit(f"compare: {command[0]} did not start:\n{''.join(self.said)}")
        # Somebody has to read on, or it could not write.
        threading.Thread(target=self.process.stderr.read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class NativeProgram(Server):
    """A native example says nothing when it listens, so its port is asked until it answers."""

    def __init__(self, program):
        self.address = f"127.0.0.1:{free_port()}"
        port = self.address.split(":")[1]
        self.process = subprocess.Popen([str(program)], env={**os.environ, "PORT": port})


def is_script(name):
    return not (name.endswith("-cpp") or name.endswith("-rust"))


def script_of(name):
    bundled = EXAMPLES / name / "dist/server.js"
    return bundled if bundled.exists() else EXAMPLES / name / "server.js"


def native(name, build):
    if not is_script(name):
        return NativeProgram(build / "examples" / name)
    command = [DENO, "run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", script_of(name)]
    environment = {"PORT": "0", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    server = Server(command, r"Listening on http://0\.0\.0\.0:(\d+)", environment)
    server.address = f"127.0.0.1:{server.address}"
    return server


def mayfly_command(name, build, options):
    what = ["serve", *options, script_of(name)] if is_script(name) else \
        ["run", *options, "--", build / "examples" / name]
    return [build / "mayfly", what[0], "--listen=127.0.0.1:0", *what[1:]]


def under_mayfly(name, build, options):
    return Server(mayfly_command(name, build, options), SERVING)


def load(build, server, requests, path, reconnects=False):
    command = [build / "bench/load_client", server.address, str(requests), path, *(["reconnect"] if reconnects else [])]
    for _ in range(200):
        ended = subprocess.run(command, capture_output=True, text=True, timeout=LOAD_TIMEOUT_S, check=False)
        if "connect(" not in ended.stderr:
            break
    if ended.returncode != 0:
        sys.exit(f"compare: {ended.stderr}")
    return json.loads(ended.stdout)


def compare(name, arguments):
    build = arguments.build.resolve()
    results = {"mayfly": [], "native": []}
    with native(name, build) as outside, under_mayfly(name, build, arguments.mayfly_option) as inside:
        for _ in range(arguments.rounds):
            results["native"].append(load(build, outside, arguments.requests, arguments.path))
            results["mayfly"].append(load(build, inside, arguments.requests, arguments.path))
    median = {side: {figure: statistics.median(one[figure] for one in rounds) for figure in ("p50_us", "p99_us")}
              for side, rounds in results.items()}
    ratio = statistics.median(ours["p50_us"] / theirs["p50_us"]
                              for ours, theirs in zip(results["mayfly"], results["native"]))
    print(f"{name:12} mayfly p50 {median['mayfly']['p50_us']:8.1f} us, p99 {median['mayfly']['p99_us']:8.1f} us   "
          f"native p50 {median['native']['p50_us']:8.1f} us, p99 {median['native']['p99_us']:8.1f} us   "
          f"p50 ratio {ratio:5.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", nargs="+", metavar="EXAMPLE")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=2000, help="per round")
    parser.add_argument("--path", default="/")
    parser.add_argument("--mayfly-option", action="append", default=[], help="passed on to mayfly; may be repeated")
    arguments = parser.parse_args()
    for name in arguments.examples:
        compare(name, arguments)


if __name__ == "__main__":
    main()
