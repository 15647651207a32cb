"""Runs test methods of one module through the harness."""
import pathlib

from common.session import SILENCE_S, Program, Run, SeriesSession

FOLDER = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3.11"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
# As harness.py has it.
MARK = "@compat "


def parse(line):
    """The harness's word and name, or nothing."""
    if not line.startswith(MARK):
        return None
    word, _, name = line[len(MARK):].rstrip("\n").partition(" ")
    return word, name


class ModuleSession(SeriesSession):
    """`more_tests` as the harness has it."""

    def __init__(self, side, group, work, more_tests=None, silence_s=SILENCE_S):
        super().__init__(side, group, work)
        self._more_tests = [] if more_tests is None else [str(more_tests)]
        self._silence_s = silence_s

    def names(self):
        return self._run("--list").listed

    def run(self, names):
        listing = self.work / f"{self.group}.names"
        listing.write_text("\n".join(names) + "\n", encoding="utf-8")
        return self._run("--only", str(listing))

    def _run(self, *arguments):
        more = [f"--more-tests={folder}" for folder in self._more_tests]
        program = Program([PYTHON, "harness.py", *arguments, *more, self.group], FOLDER, ENVIRONMENT,
                          [FOLDER, self.work, *self._more_tests])
        return Run(self.side, program, parse, self.log, self._silence_s)
