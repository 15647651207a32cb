"""Programs that the tests of the examples start: examples, their backends, and Mayfly."""
import http.client
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time

EXAMPLES = pathlib.Path(__file__).resolve().parent
DENO = EXAMPLES / "node_modules/deno/deno"
DENO_OLD = EXAMPLES / "node_modules/deno-old/deno"
DENO_FLAGS = ["run", "-A", "--no-code-cache", "--v8-flags=--single-threaded"]
NODE = shutil.which("node") or shutil.which("nodejs")
START_TIMEOUT_S = 60
PATIENCE_S = 30


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Running:
    """A server that listens on self.port of 127.0.0.1, as the variable PORT tells it; ends with the `with` block."""

    def __init__(self, *command, port=None, environment=None):
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        environment = {**os.environ, "PORT": str(self.port), "DENO_NO_UPDATE_CHECK": "1", "NO_COLOR": "1", **(environment or {})}
        self.process = subprocess.Popen([str(word) for word in command], env=environment,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.said = b""
        # Somebody has to read, or it could not write.
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def __enter__(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.connect().close()
                return self
            except ConnectionRefusedError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise AssertionError(f"did not start: {self.said.decode()}")
            time.sleep(0.02)

    def __exit__(self, *_):
        self.end()

    def read(self):
        for line in self.process.stderr:
            self.said += line

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def http(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)

    def get(self, target="/", method="GET", body=None, headers=None):
        connection = self.http()
        connection.request(method, target, body, headers or {})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response, content

    def exchange(self, request):
        """Sends bytes, returns all that comes back until the server closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return b"".join(iter(lambda: connection.recv(65536), b""))


def redis_server():
    """Debian's; keeps nothing."""
    port = free_port()
    return Running("redis-server", "--bind", "127.0.0.1", "--port", port, "--save", "", "--dir", "/tmp", port=port)


class Isolated(Running):
    """A script under `mayfly serve`, every reset audited. Must end well when asked to."""

    def __init__(self, build, script, *options):
        port = free_port()
        super().__init__(build / "mayfly", "serve", f"--listen=127.0.0.1:{port}", "--warmup=100", "--audit=1", *options,
                         EXAMPLES / script, port=port)

    def __exit__(self, failed, *_):
        self.process.terminate()
        try:
            status = self.process.wait(PATIENCE_S)
        finally:
            self.end()
        if status != 0 and failed is None:
            raise AssertionError(f"mayfly ended with status {status}: {self.said.decode()}")
