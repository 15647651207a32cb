"""A yardstick as a command: runs its groups, natively and in machines, prints the table and says what is wrong."""
import argparse
import concurrent.futures
import dataclasses
import os
import pathlib
import sys
import time
import typing

from . import judgement, report
from .session import Machine, Native

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
# What set-up fetches for the yardsticks.
FETCHED = REPOSITORY / ".cache" / "compat"

# Exit status when nothing that was asked for can be run here; CTest then says "skipped".
NOTHING_TO_RUN = 77


@dataclasses.dataclass
class Yardstick:
    """A suite of tests and how to run it."""

    # As in tests/compat/run NAME; also its folder, which has its causes and floors.
    name: str
    # Heading and text, in Markdown, of its section in docs/compatibility.md.
    title: str
    introduction: str
    # Longest first, so that two jobs end at about the same time.
    groups: tuple
    # Those of --quick.
    quick: tuple
    # (side, group, folder for logs) -> common.session.Session
    session: typing.Callable
    # (group) -> why it cannot be run here, or nothing
    missing: typing.Callable
    # Tests that never count and are not even begun: natively they wait for good for what cannot come, such as a child.
    endless: frozenset = frozenset()

    @property
    def folder(self):
        return REPOSITORY / "tests" / "compat" / self.name


def parse(yardstick, arguments):
    parser = argparse.ArgumentParser(prog=f"tests/compat/run {yardstick.name}",
                                     description=f"{yardstick.title}, native against machine")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(yardstick.groups)}; default all")
    parser.add_argument("--quick", action="store_true", help="only groups that take seconds")
    parser.add_argument("--only", action="append", metavar="TEST", help="of the groups just these tests; may be repeated")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="groups at a time")
    parser.add_argument("--mayfly", type=pathlib.Path, default=REPOSITORY / "build" / "mayfly")
    parser.add_argument("--output", type=pathlib.Path,
                        help=f"folder for logs and results; default compat/{yardstick.name} beside mayfly")
    parser.add_argument("--resume", action="store_true", help="take groups from an earlier run with the same output if it has them")
    parser.add_argument("--update", action="store_true", help="record floors, and docs/compatibility.md if all was run")
    given = parser.parse_args(arguments)
    unknown = set(given.groups) - set(yardstick.groups)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}")
    if given.only and (given.update or given.resume):
        parser.error("--update and --resume are for whole groups")
    given.output = (given.output or given.mayfly.parent / "compat" / yardstick.name).resolve()
    return given


def measure(yardstick, group, given):
    """Every test on both sides; what fails is tried once more."""
    began = time.monotonic()
    with yardstick.session(Native(), group, given.output) as native:
        names = [name for name in native.names() if name not in yardstick.endless]
        if given.only:
            names = [name for name in names if name in given.only]
        outcomes = native.outcomes(names)
        # On a busy system what seems to hang may just have had no turn.
        again = [name for name in names if outcomes[name] not in ("pass", "skip")]
        outcomes |= native.outcomes(again)
    middle = time.monotonic()
    result = judgement.GroupResult(group, outcomes, {})
    with yardstick.session(Machine(given.mayfly.resolve()), group, given.output) as machine:
        result.machine = machine.outcomes([name for name in names if outcomes[name] == "pass"])
        again = list(result.failures)
        result.machine |= machine.outcomes(again)
        result.second_try = [name for name in again if result.machine[name] == "pass"]
    print(f"{group}: {result.passed} of {result.counted}, {middle - began:.0f} s natively, "
          f"{time.monotonic() - middle:.0f} s in machines", file=sys.stderr, flush=True)
    return result


def result_of(yardstick, group, given):
    """Measured, or as recorded."""
    record = given.output / f"{group.replace('/', '_')}.json"
    if given.resume and record.exists():
        return report.read_result(record)
    result = measure(yardstick, group, given)
    if not given.only:
        report.write_result(result, record)
    return result


def main(yardstick, arguments):
    given = parse(yardstick, arguments)
    groups = given.groups or (yardstick.quick if given.quick else yardstick.groups)
    left_out = {group: why for group in groups if (why := yardstick.missing(group))}
    groups = [group for group in groups if group not in left_out]
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda group: result_of(yardstick, group, given), groups))
    results.sort(key=lambda result: result.group)

    given.output.mkdir(parents=True, exist_ok=True)
    causes = judgement.Causes.read(yardstick.folder)
    listing = report.failures(results, causes)
    (given.output / "failures.txt").write_text(listing, encoding="utf-8")
    print(report.table(results) + "\n" + listing, end="")
    for result in results:
        for name in result.second_try:
            print(f"passed only when tried again: {name}")
    for group, why in left_out.items():
        print(f"left out: {group}: {why}")
    if given.update:
        judgement.write_floors(results, yardstick)
        if set(groups) == set(yardstick.groups):
            report.write_document(yardstick, results, causes, REPOSITORY / "docs" / "compatibility.md")
    floors = {} if given.only else judgement.read_floors(yardstick.folder)
    wrong = judgement.complaints(results, causes, floors)
    print("".join(f"compat: {complaint}\n" for complaint in wrong), end="")
    if not groups:
        return NOTHING_TO_RUN
    return 1 if wrong else 0
