"""What counts, what passed, and whether that is what was to be expected."""
import dataclasses
import fnmatch
import json
import math
import tomllib

CAUSES = "causes.toml"
FLOORS = "floors.toml"


@dataclasses.dataclass
class GroupResult:
    """Outcomes by test. Only those that passed natively were run in a machine."""

    group: str
    native: dict
    machine: dict
    second_try: list = dataclasses.field(default_factory=list)

    @property
    def counted(self):
        return len(self.machine)

    @property
    def passed(self):
        return sum(outcome == "pass" for outcome in self.machine.values())

    @property
    def failures(self):
        return {name: outcome for name, outcome in self.machine.items() if outcome != "pass"}


def share(passed, counted):
    """In percent, rounded down to a tenth, so that 100 means all."""
    return math.floor(1000 * passed / counted) / 10 if counted else 100.0


class Causes:
    """Why tests fail in a machine: written by hand, by group."""

    def __init__(self, text):
        self._causes = [(entry["cause"], entry["tests"]) for entry in tomllib.loads(text).get("group", [])]

    @classmethod
    def read(cls, folder):
        return cls((folder / CAUSES).read_text(encoding="utf-8"))

    def of(self, name):
        """The cause, or nothing."""
        for cause, patterns in self._causes:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                return cause
        return None


def read_floors(folder):
    path = folder / FLOORS
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_floors(results, yardstick):
    floors = read_floors(yardstick.folder) | {result.group: share(result.passed, result.counted) for result in results}
    lines = ["# Percent of the counted tests of a group that pass in a machine.\n"
             f"# Written by tests/compat/run {yardstick.name} --update.\n"]
    lines += [f"{json.dumps(group) if '/' in group else group} = {floor}\n" for group, floor in sorted(floors.items())]
    (yardstick.folder / FLOORS).write_text("".join(lines), encoding="utf-8")


def complaints(results, causes, floors):
    """What makes the run fail, a sentence each."""
    found = []
    for result in results:
        if not result.counted:
            found.append(f"{result.group}: nothing passes natively")
        reached = share(result.passed, result.counted)
        if reached < floors.get(result.group, 0):
            found.append(f"{result.group}: {reached} % is less than its floor, {floors[result.group]} %")
        unknown = sum(causes.of(name) is None for name in result.failures)
        if unknown:
            found.append(f"{result.group}: {CAUSES} has no cause for {unknown} of its failures")
    return found
