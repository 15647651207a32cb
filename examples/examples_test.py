#!/usr/bin/env python3
"""Runs every example outside Mayfly and checks its answers: what is wrong here is the example's fault.

Usage: examples_test.py BUILD_DIRECTORY
"""
import json
import pathlib
import subprocess
import sys
import unittest

from running import DENO, DENO_FLAGS, DENO_OLD, EXAMPLES, NODE, Running, free_port, redis_server

BUILD = pathlib.Path()


class NativeExamples(unittest.TestCase):
    def test_hello(self):
        with Running(BUILD / "examples/hello-cpp") as server:
            response, body = server.get()
            self.assertEqual((response.status, body), (200, b"Hello from a fresh machine\n"))

    def test_page_has_thirty_kilobytes(self):
        with Running(BUILD / "examples/static-cpp") as server:
            response, body = server.get()
            self.assertEqual(response.getheader("content-type"), "text/html; charset=utf-8")
            self.assertTrue(28_000 < len(body) < 33_000, len(body))
            self.assertTrue(body.endswith(b"</html>\n"))

    def test_a_large_pipeline_is_answered_whole_and_in_order(self):
        with Running(BUILD / "examples/static-cpp") as server:
            last = b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
            answer = server.exchange(b"GET / HTTP/1.1\r\n\r\n" * 99 + last)
            self.assertEqual(answer.count(b"HTTP/1.1 200 OK\r\n"), 100)
            self.assertEqual(answer.count(b"</html>\n"), 100)

    def test_a_request_in_pieces(self):
        with Running(BUILD / "examples/hello-cpp") as server, server.connect() as connection:
            for byte in b"GET / HTTP/1.1\r\nHost: a\r\n\r\n":
                connection.sendall(bytes([byte]))
            self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n"))

    def test_a_body_is_dropped_and_the_connection_goes_on(self):
        with Running(BUILD / "examples/hello-cpp") as server:
            answer = server.exchange(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nGET /"
                                     b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n")
            first, second = answer.split(b"HTTP/1.1 ")[1:]
            self.assertTrue(first.startswith(b"405 "), first)
            self.assertTrue(second.startswith(b"200 ") and second.endswith(b"\r\n\r\n"), second)

    def test_http_1_0_closes(self):
        with Running(BUILD / "examples/hello-cpp") as server:
            answer = server.exchange(b"GET / HTTP/1.0\r\n\r\n")
            self.assertIn(b"\r\nConnection: close\r\n", answer)

    def test_bad_requests_are_refused(self):
        for request in (b"GET /\r\n\r\n", b"GET / HTTP/2\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
                        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"):
            with self.subTest(request=request), Running(BUILD / "examples/hello-cpp") as server:
                self.assertTrue(server.exchange(request).startswith(b"HTTP/1.1 400 "))

    def test_wrong_port_is_reported(self):
        ended = subprocess.run([BUILD / "examples/hello-cpp"], env={"PORT": "80x"}, capture_output=True, text=True,
                               timeout=10, check=False)
        self.assertEqual((ended.returncode, ended.stderr), (1, "cannot serve: PORT is not a port number: 80x\n"))


class OnEachDeno(unittest.TestCase):
    def on_each_deno(self, script, check, environment=None):
        for deno in (DENO, DENO_OLD):
            with self.subTest(deno=deno), Running(deno, *DENO_FLAGS, EXAMPLES / script, environment=environment) as server:
                check(server)


class DenoExamples(OnEachDeno):
    def test_hello(self):
        def check(server):
            self.assertEqual(server.get()[1], b"Hello from a fresh machine\n")
        self.on_each_deno("hello/server.js", check)

    def test_counter_counts_requests_and_warmups(self):
        def check(server):
            answers = [json.loads(server.get(headers=headers)[1])
                       for headers in ({"X-Mayfly-Warmup": "1"}, {}, {"X-Mayfly-Warmup": "1"})]
            self.assertEqual(answers, [{"count": 1, "warmup": 1}, {"count": 2, "warmup": 1}, {"count": 3, "warmup": 2}])
        self.on_each_deno("counter/server.js", check)

    def test_react_page(self):
        prerendered = (EXAMPLES / "static/dist/index.html").read_bytes()
        self.assertTrue(28_000 < len(prerendered) < 33_000, len(prerendered))

        def check(server):
            response, body = server.get()
            self.assertEqual(response.getheader("content-type"), "text/html; charset=utf-8")
            self.assertEqual(body, prerendered)
            self.assertIn("<h1>Desk</h1>", server.get("/?category=Desk&order=price")[1].decode())
            self.assertEqual(server.get("/?category=%3Cscript%3E&order=toString")[1], prerendered)
        self.on_each_deno("react/dist/server.js", check)

    def test_static_page(self):
        def check(server):
            self.assertEqual(server.get()[1], (EXAMPLES / "static/dist/index.html").read_bytes())
        self.on_each_deno("static/dist/server.js", check)


class ExamplesWithBackend(OnEachDeno):
    def test_fetch_backend(self):
        def check(server):
            response, body = server.get("/?station=Market")
            self.assertEqual((response.status, response.getheader("content-type")), (200, "text/html; charset=utf-8"))
            self.assertIn(b"<h1>Market</h1><table><caption>24 departures, 5 of them delayed</caption>", body)
            self.assertIn(b"North Cemetery &amp; Chapel", body)
            response, body = server.get("/?station=%3Cscript%3E")
            self.assertEqual((response.status, body.count(b"<script")), (404, 0))
        for program in ([NODE], [DENO, "run", "-A"]):
            with Running(*program, EXAMPLES / "fetch-backend/backend.js") as backend:
                self.on_each_deno("fetch-backend/dist/server.js", check, {"BACKEND": backend.url})

    def test_proxy(self):
        def check(server):
            response, body = server.get("/lines?count=3")
            self.assertEqual((response.status, response.getheader("content-type")), (200, "text/plain"))
            self.assertEqual(body, b"line 1\nline 2\nline 3\n")
            response, body = server.get("/", "POST", b"a body", {"content-type": "text/x-test"})
            self.assertEqual((response.getheader("content-type"), body), ("text/x-test", b"a body"))
            self.assertEqual(server.get("/none")[0].status, 404)
        for program in ([NODE], [DENO, "run", "-A"]):
            with Running(*program, EXAMPLES / "proxy/upstream.js") as upstream:
                self.on_each_deno("proxy/server.js", check, {"UPSTREAM": upstream.url})

    def test_redis(self):
        def check(server):
            self.assertEqual(server.get("/", "POST", "a note")[0].status, 201)
            self.assertEqual(json.loads(server.get()[1])["notes"][0], "a note")
            self.assertEqual([server.get("/", "POST", body)[0].status for body in ("", "x" * 201)], [400, 400])
            for _ in range(20):
                server.get("/", "POST", "another note")
            self.assertEqual(json.loads(server.get()[1])["notes"], ["another note"] * 20)
        with redis_server() as redis:
            self.on_each_deno("redis/dist/server.js", check, {"REDIS": f"redis://localhost:{redis.port}"})

    def test_without_the_backend(self):
        def check(server):
            self.assertEqual(server.get()[0].status, 502)
        for script, variable, scheme in (("fetch-backend/dist/server.js", "BACKEND", "http"),
                                         ("proxy/server.js", "UPSTREAM", "http"),
                                         ("redis/dist/server.js", "REDIS", "redis")):
            self.on_each_deno(script, check, {variable: f"{scheme}://localhost:{free_port()}"})


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
