#!/usr/bin/env python3
"""The harness against tests that crash and hang, and what is made of outcomes."""
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from common import judgement, report
from common.session import Native
from cpython.session import FOLDER, ModuleSession
from go.session import parse as parse_go
from node import session as node


class Survival(unittest.TestCase):
    def test_every_method_has_its_outcome(self):
        with tempfile.TemporaryDirectory() as work:
            with ModuleSession(Native(), "test_odd", work, FOLDER / "testing", silence_s=3) as session:
                names = session.names()
                outcomes = session.outcomes(names)
        self.assertEqual({name.rpartition(".")[2]: outcome for name, outcome in outcomes.items()}, {
            "test_1_pass": "pass", "test_2_fail": "fail", "test_3_skip": "skip", "test_4_crash": "crash",
            "test_5_pass_after_the_crash": "pass", "test_6_hang": "hang", "test_7_one_part_fails": "fail",
            "test_8_threads_are_allowed": "pass", "test_9_children_are_refused": "pass",
            "test_a_clock_and_name_stay": "pass", "test_never_begins": "lost"})


class Judgement(unittest.TestCase):
    result = judgement.GroupResult("test_x", {}, {"test_x.A.a": "pass", "test_x.A.b": "fail", "test_x.A.c": "hang"})
    causes = judgement.Causes('[[group]]\ncause = "Because."\ntests = ["test_x.A.b"]\n')

    def test_a_failure_needs_a_cause(self):
        self.assertEqual(judgement.complaints([self.result], self.causes, {}),
                         ["test_x: causes.toml has no cause for 1 of its failures"])

    def test_a_module_has_a_floor(self):
        causes = judgement.Causes('[[group]]\ncause = "Because."\ntests = ["test_x.A.?"]\n')
        self.assertEqual(judgement.complaints([self.result], causes, {"test_x": 33.3}), [])
        self.assertEqual(judgement.complaints([self.result], causes, {"test_x": 33.4}),
                         ["test_x: 33.3 % is less than its floor, 33.4 %"])

    def test_a_module_of_which_nothing_counts_is_wrong(self):
        self.assertEqual(len(judgement.complaints([judgement.GroupResult("test_y", {}, {})], self.causes, {})), 1)

    def test_the_share_is_rounded_down(self):
        self.assertEqual(judgement.share(9999, 10000), 99.9)
        self.assertEqual(judgement.share(7, 7), 100.0)

    def test_a_result_can_be_kept(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "test_x.json"
            report.write_result(self.result, path)
            self.assertEqual(report.read_result(path), self.result)

    def test_the_table_has_a_sum(self):
        self.assertEqual(report.table([self.result]).splitlines()[-1].split(), ["all", "3", "1", "33.3", "%"])


class Document(unittest.TestCase):
    def test_a_section_takes_the_place_of_its_older_self(self):
        document = report.with_section("", "## A\n\n1\n")
        document = report.with_section(document, "## B\n\n2\n")
        document = report.with_section(document, "## A\n\n3\n")
        self.assertEqual(document, report.HEAD + "## A\n\n3\n\n## B\n\n2\n")


class NodeFiles(unittest.TestCase):
    def test_a_group_is_told_by_the_longest_name(self):
        groups = {"test-http2-ping": "http2", "test-http-abort": "http", "test-https-agent": "http", "test-streams-highwatermark": "stream",
                  "test-eventtarget": "events", "test-dgram-bind": None}
        self.assertEqual({name: node.group_of(name) for name in groups}, groups)

    def test_flags_stand_in_comments(self):
        with tempfile.NamedTemporaryFile("w", suffix=".js") as file:
            file.write("'use strict';\n// Flags: --expose-gc --title='a b'\n// Flags:\n// Flags: --no-warnings\n")
            file.flush()
            self.assertEqual(node.flags_of(pathlib.Path(file.name)), ["--expose-gc", "--title=a b", "--no-warnings"])

    def test_what_skips_does_not_pass(self):
        self.assertEqual(node.outcome_of(0, "TAP\n1..0 # Skipped: no crypto\n"), "skip")
        self.assertEqual([node.outcome_of(status, "") for status in (0, 1, 134, -9)], ["pass", "fail", "crash", "crash"])


class GoOutput(unittest.TestCase):
    def test_functions_count_but_not_their_parts(self):
        lines = ["=== RUN   TestA", "=== PAUSE TestA", "=== CONT  TestA", "=== RUN   TestA/part", "    --- FAIL: TestA/part (0.00s)",
                 "printed without an end--- PASS: TestA (0.01s)", "--- SKIP: TestB (0.00s)", "PASS", "some words"]
        self.assertEqual([parse_go("net", line) for line in lines], [
            ("start", "net.TestA"), ("pause", "net.TestA"), ("start", "net.TestA"), None, None,
            ("pass", "net.TestA"), ("skip", "net.TestB"), ("end", "net"), None])


if __name__ == "__main__":
    unittest.main()
