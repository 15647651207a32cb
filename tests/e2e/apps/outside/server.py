"""What the tests ask of a server that asks a backend, $BACKEND: by path, with urllib and http.client."""
import http.client
import http.server
import os
import urllib.request

BACKEND = "http://" + os.environ["BACKEND"]
abandoned = []


def text(path, data=None):
    with urllib.request.urlopen(BACKEND + path, data) as response:
        return response.read().decode()


def url(argument):
    with urllib.request.urlopen(argument) as response:
        return response.read().decode()


def pattern(size):
    return b"".join(b"%015d\n" % line for line in range(size // 16))


def twice(_):
    connection = http.client.HTTPConnection(os.environ["BACKEND"])
    numbers = []
    for _ in range(2):
        connection.request("GET", "/connection")
        numbers.append(connection.getresponse().read().decode())
    return " ".join(numbers)


def drip(argument):
    taken = []
    with urllib.request.urlopen(f"{BACKEND}/drip?{argument}") as response:
        while piece := response.read1(100):
            taken.append(piece.decode())
            text(f"/taken?{len(taken)}")
    return "".join(taken)


def sip(argument):
    def pieces():
        for sent in range(1, int(argument) + 1):
            yield bytes(1000)
            text(f"/sipped?{sent * 1000}")
    return text("/sip", pieces())


def abandon(argument):
    for path in ("/pattern?200000", "/pattern?200000"):
        abandoned.append(urllib.request.urlopen(BACKEND + path))
    connection = http.client.HTTPConnection(os.environ["BACKEND"])
    connection.request("GET", "/never")
    abandoned.append(connection)
    return argument


CASES = {
    "/fetch": text,
    "/url": url,
    "/twice": twice,
    "/download": lambda size: f"{size} bytes" if text(f"/pattern?{size}").encode() == pattern(int(size)) else "differs",
    "/upload": lambda size: text("/verify", pattern(int(size))),
    "/drip": drip,
    "/sip": sip,
    "/abandon": abandon,
}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        service, _, argument = self.path.partition("?")
        try:
            body = CASES.get(service, lambda _: "hello")(argument).encode()
        except OSError as error:
            body = f"failed: {error!r}".encode()
        except http.client.HTTPException as error:
            body = f"failed: {error!r}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Handler).serve_forever()
