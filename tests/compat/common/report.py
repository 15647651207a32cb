"""Results as a table, and as a section of docs/compatibility.md."""
import collections
import dataclasses
import json
import re

from .judgement import GroupResult, share

HEAD = """\
# Compatibility

<!-- Each yardstick's section is made from a run and its causes.toml: tests/compat/run cpython|node|go --update -->

The yardsticks are suites that nobody here wrote: the tests of CPython, Node and Go themselves. A test counts if it passes natively
while children are refused: under a seccomp filter that answers fork, vfork, execve and clone without CLONE_THREAD with ENOSYS, as a
machine does, and does not let a test set the host's clock or name. What counts is run again in a machine.

    tests/compat/run node                # all of a yardstick, some minutes; --quick for a short part
    tests/compat/run cpython test_os     # one group

`./check` runs the short parts, `./check --full` all. A run fails when a group falls below its recorded share or a test fails that has no
cause below. A test that fails is tried once more before it counts as failed.

"""


def table(results, markdown=False):
    rows = [(result.group, result.counted, result.passed) for result in results]
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    if markdown:
        lines = ["| group | native | machine | share |", "|---|--:|--:|--:|"]
        lines += [f"| {name} | {counted} | {passed} | {share(passed, counted)} % |" for name, counted, passed in rows]
    else:
        lines = [f"{'group':<20}{'native':>8}{'machine':>9}{'share':>9}"]
        lines += [f"{name:<20}{counted:>8}{passed:>9}{share(passed, counted):>7} %" for name, counted, passed in rows]
    return "\n".join(lines) + "\n"


def failures(results, causes):
    return "".join(f"{outcome:<6} {name}{'' if causes.of(name) else '  (no cause)'}\n"
                   for result in results for name, outcome in result.failures.items())


def section(yardstick, results, causes):
    """What docs/compatibility.md says of one yardstick."""
    by_cause = collections.defaultdict(list)
    for result in results:
        for name in result.failures:
            by_cause[causes.of(name) or "Not known."].append(name)
    parts = [f"## {yardstick.title}\n\n{yardstick.introduction}\n{table(results, markdown=True)}"]
    if by_cause:
        parts.append("\n### What fails, and why\n")
    for cause, names in sorted(by_cause.items(), key=lambda item: (-len(item[1]), item[0])):
        parts.append(f"\n{cause}\n\n")
        parts += [f"- `{name}`\n" for name in sorted(names)]
    return "".join(parts)


def with_section(document, new):
    """The document with this section in place of the one with its heading, or at its end."""
    heading = new.partition("\n")[0]
    sections = re.split(r"(?m)^(?=## )", document)[1:]
    places = [place for place, old in enumerate(sections) if old.partition("\n")[0] == heading]
    if places:
        sections[places[0]] = new
    else:
        sections.append(new)
    return HEAD + "\n".join(part.rstrip("\n") + "\n" for part in sections)


def write_document(yardstick, results, causes, path):
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(with_section(old, section(yardstick, results, causes)), encoding="utf-8")


def write_result(result, path):
    path.write_text(json.dumps(dataclasses.asdict(result), indent=1) + "\n", encoding="utf-8")


def read_result(path):
    return GroupResult(**json.loads(path.read_text(encoding="utf-8")))
