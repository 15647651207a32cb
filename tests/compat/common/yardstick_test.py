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

    def test_the_table_has_a_sum(self):
        self.assertEqual(report.table([self.result]).splitlines()[-1].split(), ["all", "3", "1", "33.3", "%"])


class Document(unittest.TestCase):
    def test_a_section_takes_the_place_of_its_older_self(self):
        document = report.with_section("", "## A\n\n1\n")
        document = report.with_section(document, "## B\n\n2\n")
        document = report.with_section(document, "## A\n\n3\n")
        self.assertEqual(document, report.HEAD + "## A\n\n3\n\n## B\n\n2\n")


if __name__ == "__main__":
    unittest.main()
