"""The yardstick as a command: runs the modules, natively and in machines, prints the table and says what is wrong."""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import time

import judgement
import report
import suite
from session import PYTHON, Machine, Native, Session


def parse(arguments):
    parser = argparse.ArgumentParser(prog="tests/compat/run cpython", description="CPython's own tests, native against machine")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {', '.join(suite.MODULES)}; default all")
    parser.add_argument("--quick", action="store_true", help="only the modules that take seconds")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="modules at a time")
    parser.add_argument("--mayfly", type=pathlib.Path, default=suite.REPOSITORY / "build" / "mayfly")
    parser.add_argument("--output", type=pathlib.Path, help="folder for logs and results; default compat beside mayfly")
    parser.add_argument("--update", action="store_true", help="record floors, and docs/compatibility.md if all was run")
    given = parser.parse_args(arguments)
    unknown = set(given.modules) - set(suite.MODULES)
    if unknown:
        parser.error(f"no such module: {', '.join(sorted(unknown))}")
    given.output = (given.output or given.mayfly.parent / "compat").resolve()
    return given


def measure(module, given):
    """Every method on both sides; what fails is tried once more."""
    more_tests = suite.FETCHED if (suite.FETCHED / "test" / module).is_dir() else None
    began = time.monotonic()
    with Session(Native(), module, given.output, more_tests) as native:
        names = [name for name in native.methods() if name not in suite.ENDLESS]
        outcomes = native.outcomes(names)
        again = [name for name in names if outcomes[name] in ("fail", "error", "crash", "lost")]
        outcomes |= native.outcomes(again)
    middle = time.monotonic()
    result = judgement.ModuleResult(module, outcomes, {})
    with Session(Machine(given.mayfly.resolve()), module, given.output, more_tests) as machine:
        result.machine = machine.outcomes([name for name in names if outcomes[name] == "pass"])
        again = list(result.failures)
        result.machine |= machine.outcomes(again)
        result.second_try = [name for name in again if result.machine[name] == "pass"]
    print(f"{module}: {result.passed} of {result.counted}, {middle - began:.0f} s natively, "
          f"{time.monotonic() - middle:.0f} s in machines", file=sys.stderr, flush=True)
    return result


def main(arguments):
    given = parse(arguments)
    if not pathlib.Path(PYTHON).exists():
        sys.exit(f"compat: {PYTHON} is missing: scripts/setup installs it")
    modules = given.modules or (suite.QUICK if given.quick else suite.MODULES)
    left_out = {module: why for module in modules if (why := suite.missing(module))}
    modules = [module for module in modules if module not in left_out]
    with concurrent.futures.ThreadPoolExecutor(given.jobs) as pool:
        results = list(pool.map(lambda module: measure(module, given), modules))
    results.sort(key=lambda result: result.module)

    report.write_results(results, given.output / "results.json")
    causes = judgement.Causes.read()
    listing = report.failures(results, causes)
    (given.output / "failures.txt").write_text(listing, encoding="utf-8")
    print(report.table(results) + "\n" + listing, end="")
    for result in results:
        for name in result.second_try:
            print(f"passed only when tried again: {name}")
    for module, why in left_out.items():
        print(f"left out: {module}: {why}")
    if given.update:
        judgement.write_floors(results)
        if set(modules) == set(suite.MODULES):
            report.write_document(results, causes)
    wrong = judgement.complaints(results, causes, judgement.read_floors())
    print("".join(f"compat: {complaint}\n" for complaint in wrong), end="")
    return 1 if wrong else 0
