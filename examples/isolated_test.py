#!/usr/bin/env python3
"""Runs the examples with backends under Mayfly and outside of it: the answers are equal.

Usage: isolated_test.py BUILD_DIRECTORY
"""
import os
import pathlib
import sys
import unittest

from running import DENO, DENO_FLAGS, DENO_OLD, EXAMPLES, NODE, Isolated, Running

BUILD = pathlib.Path()
KVM = "/dev/kvm"


def answer(server, *request):
    response, body = server.get(*request)
    return response.status, response.getheader("content-type"), body


@unittest.skipUnless(os.access(KVM, os.R_OK | os.W_OK) or "MAYFLY_REQUIRE_KVM" in os.environ, f"no access to {KVM}")
class IsolatedExamples(unittest.TestCase):
    def on_each_deno(self, script, backend, variable, check):
        """@param variable: names the backend to the script"""
        for deno in (DENO, DENO_OLD):
            options = [f"--runtime={deno}", f"--env={variable}={backend.url}", f"--allow-net=localhost:{backend.port}"]
            with self.subTest(deno=deno), \
                    Running(deno, *DENO_FLAGS, EXAMPLES / script, environment={variable: backend.url}) as native, \
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
            self.on_each_deno("fetch-backend/dist/server.js", backend, "BACKEND", check)

    def test_fetch_backend_without_the_flag(self):
        script = "fetch-backend/dist/server.js"
        with Running(NODE, EXAMPLES / "fetch-backend/backend.js") as backend, \
                Isolated(BUILD, script, f"--env=BACKEND={backend.url}") as isolated:
            self.assertEqual(isolated.get()[0].status, 502)
            self.assertIn(f"allow it with --allow-net localhost:{backend.port}\n", isolated.said.decode())


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
