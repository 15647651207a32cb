"""Runs test methods of CPython's own tests and says what became of each, one line per method on standard output.

    python3.11 harness.py [--list] [--only FILE] [--more-tests FOLDER] MODULE

MODULE is a module of the package `test`, which FOLDER/test extends. With --only, just the methods whose names are in the file are run.
With --list none is run, all are named. Names go without the package. Lines begin with
MARK, then `start NAME`, and `pass|fail|error|skip NAME`; everything else on standard output and standard error is the tests'.
Written for the Python of which the tests are, and for both sides: natively and in a machine it is the same file.
"""
import argparse
import faulthandler
import importlib
import os
import sys
import time
import unittest

# As session.py has it.
MARK = "@compat "
# A method that says nothing for this long says where its threads are.
HANG_S = 45
# What the tests themselves wait for at most; a loaded machine must not be taken for a broken one.
SHORT_TIMEOUT_S = 30


def name_of(test):
    return test.id().removeprefix("test.")


class Reporter:
    """Writes past sys.stdout, which tests replace, to a descriptor that they do not know."""

    def __init__(self):
        self._fd = os.dup(1)

    def say(self, word, name):
        # A line of its own, whatever the test has printed without an end.
        os.write(self._fd, f"\n{MARK}{word} {name}\n".encode("utf-8", "backslashreplace"))


class Result(unittest.TestResult):
    """Reports each method once, by its worst part."""

    def __init__(self, reporter):
        super().__init__()
        self._reporter = reporter
        self._outcome = None

    def startTest(self, test):
        super().startTest(test)
        self._outcome = "pass"
        faulthandler.dump_traceback_later(HANG_S, file=sys.__stderr__)
        self._reporter.say("start", name_of(test))

    def stopTest(self, test):
        super().stopTest(test)
        faulthandler.cancel_dump_traceback_later()
        self._reporter.say(self._outcome, name_of(test))

    def addError(self, test, err):
        super().addError(test, err)
        self._failed("error", test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed("fail", test, self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._failed("fail", subtest, self._exc_info_to_string(err, test))

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._failed("fail", test, "unexpected success")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._outcome = "skip"
        self._explain("skip", test, reason)

    def _failed(self, outcome, test, text):
        self._outcome = outcome
        self._explain(outcome, test, text)

    @staticmethod
    def _explain(outcome, test, text):
        print(f"--- {outcome} {test.id()}\n{text}", file=sys.__stderr__, flush=True)


def methods(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from methods(test)
        else:
            yield test


def keep_only(suite, names):
    """The suite's structure stays: fixtures of classes and modules belong to it."""
    kept = []
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            keep_only(test, names)
            kept.append(test)
        elif name_of(test) in names:
            kept.append(test)
    suite._tests = kept


def load(name, more_tests):
    if more_tests:
        import test
        from test import support
        test.__path__.append(os.path.join(more_tests, "test"))
        support.STDLIB_DIR = more_tests  # where packages of tests look for themselves
    return unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(f"test.{name}"))


def set_up():
    """As regrtest does it, with no resource allowed: no network, nothing large, nothing that takes minutes."""
    from test import support
    from test.support import os_helper
    faulthandler.enable(file=sys.__stderr__)
    support.use_resources = []
    support.SHORT_TIMEOUT = SHORT_TIMEOUT_S
    support.verbose = 1
    # Names and variables that are not ASCII are to be met everywhere (bpo-44647).
    if os_helper.TESTFN_UNDECODABLE:
        os.environb.setdefault(b"PYTHONREGRTEST_UNICODE_GUARD", os_helper.TESTFN_UNDECODABLE)
    return os_helper.temp_cwd(f"compat_{os.getpid()}_{time.monotonic_ns()}", quiet=True)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("--only")
    arguments.add_argument("--more-tests", metavar="FOLDER")
    arguments.add_argument("module")
    given = arguments.parse_args()
    names = None
    if given.only:
        with open(given.only, encoding="utf-8") as file:
            names = set(file.read().split("\n"))
    reporter = Reporter()
    with set_up():
        suite = load(given.module, given.more_tests)
        if given.list:
            for test in methods(suite):
                reporter.say("listed", name_of(test))
            return
        if names is not None:
            keep_only(suite, names)
        suite.run(Result(reporter))
    reporter.say("end", given.module)
    # Threads that a failed test left behind shall not keep the process.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
