#!/usr/bin/env python3
"""What it costs to ask a backend: Deno's fetch natively and under Mayfly, there also through --backend.

The backend is hello-cpp, run natively. One kept-alive connection, rounds in alternation, medians; exits and host system
calls of a request are as --stats counts them.

Usage: backend [--build DIR] [--rounds N] [--requests N]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

import compare

SCRIPT = pathlib.Path(__file__).with_name("ask_backend.js")
NATIVE = {"native, kept alive": {}, "native, reconnecting": {"RECONNECT": "1"}}
COUNTED_REQUESTS = 200


def mayfly_ways(backend):
    """Options of Mayfly by which the program comes to its backend."""
    port = backend.split(":")[1]
    return {
        "fetch, by address": [f"--allow-net={backend}", f"--env=BACKEND=http://{backend}/"],
        "fetch, by localhost": [f"--allow-net=localhost:{port}", f"--env=BACKEND=http://localhost:{port}/"],
        "--backend": [f"--backend=api=http://{backend}", "--env=BACKEND=http://api.mayfly/"],
    }


def native(backend, environment):
    command = [compare.DENO, "run", "-A", "--no-code-cache", "--v8-flags=--single-threaded", SCRIPT]
    environment = {"PORT": "0", "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1", "BACKEND": f"http://{backend}/",
                   **environment}
    server = compare.Server(command, r"Listening on http://0\.0\.0\.0:(\d+)", environment)
    server.address = f"127.0.0.1:{server.address}"
    return server


def under_mayfly(build, options, stdout=subprocess.DEVNULL):
    command = [build / "mayfly", "serve", "--listen=127.0.0.1:0", f"--runtime={compare.DENO}", *options, SCRIPT]
    return compare.Server(command, compare.SERVING, stdout=stdout)


def counts(build, options):
    """Exits and host system calls of a request."""
    with tempfile.TemporaryFile("w+") as output:
        with under_mayfly(build, [*options, "--stats=json", "--vms=1"], output) as server:
            compare.load(build, server, COUNTED_REQUESTS, "/")
        output.seek(0)
        lines = [json.loads(line) for line in output]
    requests = [line for line in lines if line["kind"] == "request"]
    return [statistics.median(one[figure] for one in requests) for figure in ("exits", "host_syscalls")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=compare.ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000, help="per round")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    os.chdir(compare.ROOT)
    with compare.NativeProgram(build / "examples/hello-cpp") as backend:
        ways = mayfly_ways(backend.address)
        counted = {name: counts(build, options) for name, options in ways.items()}
        servers = {name: native(backend.address, environment) for name, environment in NATIVE.items()}
        servers |= {name: under_mayfly(build, options) for name, options in ways.items()}
        p50_us = {name: [] for name in servers}
        try:
            for _ in range(arguments.rounds):
                for name, server in servers.items():
                    p50_us[name].append(compare.load(build, server, arguments.requests, "/")["p50_us"])
        finally:
            for server in servers.values():
                server.__exit__()
    for name, rounds in p50_us.items():
        line = f"{name:22} p50 {statistics.median(rounds):8.1f} us"
        if name in counted:
            line += "   {:g} exits, {:g} host system calls".format(*counted[name])
        print(line)


if __name__ == "__main__":
    main()
