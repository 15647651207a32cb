#!/usr/bin/env python3
"""Checks the harness itself: a /dev/kvm that works, and failures that are seen. Usage: run_in_svm_test.py KVM_API_VERSION"""
import pathlib
import subprocess
import sys
import unittest

HARNESS = pathlib.Path(__file__).with_name("run-in-svm")
PROBE = ""


def run(*words):
    return subprocess.run([HARNESS, *words], capture_output=True, text=True, check=False)


class RunInSvm(unittest.TestCase):
    def test_each_program_runs_and_its_status_is_reported(self):
        ended = run(PROBE, "--", "/bin/sh", "-c", 'echo "<$1>"; exit 3', "sh", "a 'b\" c", "--", "/bin/true")
        self.assertIn("KVM API version 12\n", ended.stdout)
        self.assertIn("<a 'b\" c>\n", ended.stdout)
        self.assertIn(f"run-in-svm: {PROBE}: exit status 0\n", ended.stdout)
        self.assertIn(": exit status 3\n", ended.stdout)
        self.assertIn("run-in-svm: /bin/true: exit status 0\n", ended.stdout)
        self.assertEqual(ended.returncode, 1)

    def test_a_program_that_does_not_end_is_a_timeout(self):
        ended = run("--timeout", "5", "/bin/sleep", "1000")
        self.assertIn("run-in-svm: /bin/sleep 1000: did not end\n", ended.stdout)
        self.assertEqual(ended.returncode, 124)

    def test_a_missing_program_is_an_error(self):
        ended = run("/nowhere/to/be/found")
        self.assertEqual((ended.returncode, ended.stderr), (1, "run-in-svm: /nowhere/to/be/found is not a file\n"))


if __name__ == "__main__":
    PROBE = sys.argv.pop(1)
    unittest.main()
