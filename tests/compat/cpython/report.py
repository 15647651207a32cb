"""Results as a table, and as docs/compatibility.md."""
import collections
import json

from judgement import share
from suite import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "compatibility.md"
HEAD = """\
# Compatibility

<!-- Made from a run and tests/compat/cpython/causes.toml: tests/compat/run cpython --update -->

The yardstick is a suite that nobody here wrote: CPython's own tests, as Debian 12 packages them for Python 3.11. A test method counts
if it passes natively while children are refused: under a seccomp filter that answers fork, vfork, execve and clone without
CLONE_THREAD with ENOSYS, as a machine does, and does not let a test set the host's clock or name. What counts is run again in a machine.

    tests/compat/run cpython             # all, some minutes; --quick for the short part
    tests/compat/run cpython test_os     # one module

`./check` runs the short part, `./check --full` all. A run fails when a module falls below its recorded share or a test fails that has no
cause below. A method that fails is tried once more before it counts as failed.

"""


def table(results, markdown=False):
    rows = [(result.module, result.counted, result.passed) for result in results]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    if markdown:
        lines = ["| module | native | machine | share |", "|---|--:|--:|--:|"]
        lines += [f"| {name} | {counted} | {passed} | {share(passed, counted)} % |" for name, counted, passed in rows]
    else:
        lines = [f"{'module':<16}{'native':>8}{'machine':>9}{'share':>9}"]
        lines += [f"{name:<16}{counted:>8}{passed:>9}{share(passed, counted):>7} %" for name, counted, passed in rows]
    return "\n".join(lines) + "\n"


def failures(results, causes):
    return "".join(f"{outcome:<6} {name}{'' if causes.of(name) else '  (no cause)'}\n"
                   for result in results for name, outcome in result.failures.items())


def write_document(results, causes):
    by_cause = collections.defaultdict(list)
    for result in results:
        for name in result.failures:
            by_cause[causes.of(name) or "Not known."].append(name.removeprefix("test."))
    parts = [HEAD, table(results, markdown=True), "\n## What fails, and why\n"]
    for cause, names in sorted(by_cause.items(), key=lambda item: (-len(item[1]), item[0])):
        parts.append(f"\n{cause}\n\n")
        parts += [f"- `{name}`\n" for name in sorted(names)]
    DOCUMENT.write_text("".join(parts), encoding="utf-8")


def write_results(results, path):
    text = {result.module: {"native": result.native, "machine": result.machine, "second_try": result.second_try}
            for result in results}
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
