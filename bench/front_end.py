#!/usr/bin/env python3
"""The front end without machines against nginx's `return 200`: one process on one core, keep-alive, wrk on the other core,
rounds in alternation, medians. Then what an idle kept-alive connection takes.

Usage: front_end [--build DIR] [--rounds N] [--seconds N] [--connections N ...] [--idle N]
"""
import argparse
import pathlib
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import compare

NGINX = "/usr/sbin/nginx"
SERVER_CORE, CLIENT_CORE = "0", "1"
CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 20000; }}
http {{
  access_log off; keepalive_requests 1000000000; keepalive_timeout 300s;
  server {{ listen 127.0.0.1:{port} reuseport; default_type text/plain; location / {{ return 200 "hello\\n"; }} }}
}}
"""


class Nginx(compare.Server):
    def __init__(self, folder):
        port = compare.free_port()
        configuration = pathlib.Path(folder, "nginx.conf")
        configuration.write_text(CONFIGURATION.format(folder=folder, port=port))
        self.address = f"127.0.0.1:{port}"
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, NGINX, "-c", str(configuration), "-p", folder],
                                        stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + compare.START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)
        sys.exit("front_end: nginx did not start")


class Echo(compare.Server):
    def __init__(self, build):
        super().__init__(["taskset", "-c", SERVER_CORE, build / "bench/front_end_echo", "127.0.0.1:0"],
                         compare.SERVING.replace(" serving .*", "serving"))


def requests_per_second(server, connections, seconds):
    wrk = subprocess.run(["taskset", "-c", CLIENT_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
                          f"http://{server.address}/"], capture_output=True, text=True, timeout=seconds + 30)
    if "Non-2xx" in wrk.stdout or "Socket errors" in wrk.stdout or wrk.returncode != 0:
        sys.exit(f"front_end: wrk saw errors:\n{wrk.stdout}{wrk.stderr}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", wrk.stdout)[1])


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1])


def idle_connections(server, count):
    """KiB that the server grows by for `count` connections, each of which has brought a request and may bring more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count + 100)), hard))
    host, port = server.address.split(":")
    before = resident_kib(server.process.pid)
    connections = []
    for _ in range(count):
        connection = socket.create_connection((host, int(port)))
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        if b"200 OK" not in connection.recv(4096):
            sys.exit("front_end: no answer")
        connections.append(connection)
    grown = resident_kib(server.process.pid) - before
    for connection in connections:
        connection.close()
    return grown


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=compare.ROOT / "build")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--idle", type=int, default=10_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Nginx(folder) as nginx, Echo(arguments.build) as echo:
        for connections in arguments.connections:
            figures = {"nginx": [], "mayfly": []}
            for _ in range(arguments.rounds):
                for name, server in (("nginx", nginx), ("mayfly", echo)):
                    figures[name].append(requests_per_second(server, connections, arguments.seconds))
            medians = {name: statistics.median(values) for name, values in figures.items()}
            print(f"{connections:4} connections: nginx {medians['nginx']:9.0f}/s, front end {medians['mayfly']:9.0f}/s, "
                  f"{medians['nginx'] / medians['mayfly']:.2f} times nginx's time per request", flush=True)
    with Echo(arguments.build) as echo:
        grown = idle_connections(echo, arguments.idle)
        print(f"{arguments.idle} idle connections: {grown / 1024:.1f} MiB, {grown * 1024 / arguments.idle:.0f} bytes each")


if __name__ == "__main__":
    main()
