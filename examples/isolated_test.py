#!/usr/bin/env python3
"""Runs the examples with backends under Mayfly and outside of it: the answers are equal.

Usage: isolated_test.py BUILD_DIRECTORY
"""
import json
import os
import pathlib
import sys
import time
import unittest

from running import DENO, DENO_FLAGS, DENO_OLD, EXAMPLES, NODE, Isolated, Running, redis_server

BUILD = pathlib.Path()
KVM = "/dev/kvm"


def answer(server, *request):
    response, body = server.get(*request)
    return response.status, response.getheader("content-type"), body


@unittest.skipUnless(os.access(KVM, os.R_OK | os.W_OK) or "MAYFLY_REQUIRE_KVM" in os.environ, f"no access to {KVM}")
class IsolatedExamples(unittest.TestCase):
    def on_each_deno(self, script, variable, backend, check):
        """The script hears of its backend by the variable."""
        url = f"{'redis' if variable == 'REDIS' else 'http'}://localhost:{backend.port}"
        for deno in (DENO, DENO_OLD):
            options = [f"--runtime={deno}", f"--env={variable}={url}", f"--allow-net=localhost:{backend.port}"]
            with self.subTest(deno=deno), \
                    Running(deno, *DENO_FLAGS, EXAMPLES / script, environment={variable: url}) as native, \
                    Isolated(BUILD, script, *options) as isolated:
                check(native, isolated)

    def assert_equal_answers(self, native, isolated, *request):
        # Twice: once in a machine that has been reset.
        for _ in range(2):
            self.assertEqual(answer(isolated, *request), answer(native, *request))

    def test_fetch_backend(self):
        def check(native, isolated):
            for page in ("/", "/?station=Market", "/?station=%3Cscript%3E"):
                self.assert_equal_answers(native, isolated, page)
            self.assertEqual(isolated.get()[0].status, 200)
        with Running(NODE, EXAMPLES / "fetch-backend/backend.js") as backend:
            self.on_each_deno("fetch-backend/dist/server.js", "BACKEND", backend, check)

    def test_fetch_backend_without_the_flag(self):
        script = "fetch-backend/dist/server.js"
        with Running(NODE, EXAMPLES / "fetch-backend/backend.js") as backend, \
                Isolated(BUILD, script, f"--env=BACKEND={backend.url}") as isolated:
            self.assertEqual(isolated.get()[0].status, 502)
            self.assertRegex(isolated.said.decode(), rf" warning connection to .*127\.0\.0\.1:{backend.port}.* refused: "
                             rf".*allow it with --allow-net localhost:{backend.port}\n")

    def test_proxy(self):
        def check(native, isolated):
            for target in ("/", "/lines?count=50000", "/none"):
                self.assert_equal_answers(native, isolated, target)
            body = bytes(range(256)) * 10_000
            self.assert_equal_answers(native, isolated, "/", "POST", body)
            self.assertEqual(isolated.get("/", "POST", body)[1], body)
            self.check_that_bodies_stream(isolated)
        with Running(NODE, EXAMPLES / "proxy/upstream.js") as upstream:
            self.on_each_deno("proxy/server.js", "UPSTREAM", upstream, check)

    def check_that_bodies_stream(self, server):
        connection = server.http()
        connection.request("GET", "/lines?count=2&pause=500")
        response = connection.getresponse()
        self.assertEqual(response.readline(), b"line 1\n")
        first_line = time.monotonic()
        self.assertEqual(response.read(), b"line 2\n")
        self.assertGreater(time.monotonic() - first_line, 0.7, "both pauses come after the first line")
        connection.close()

    def test_redis(self):
        def check(native, isolated):
            for text in ("first", "second & last"):
                self.assertEqual(answer(isolated, "/", "POST", text)[0], 201)
            self.assert_equal_answers(native, isolated, "/", "POST", "x" * 201)
            self.assert_equal_answers(native, isolated, "/")
            self.assertEqual(json.loads(isolated.get()[1])["notes"][:2], ["second & last", "first"])
        with redis_server() as redis:
            self.on_each_deno("redis/dist/server.js", "REDIS", redis, check)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
