"""Runs the tests of one package of Go's standard library."""
import pathlib
import re
import subprocess
import threading

from common.session import Program, Run, SeriesSession

# The Go of which the tests are.
GO = "/usr/lib/go-1.19/bin/go"
SOURCES = pathlib.Path("/usr/share/go-1.19/src")
SILENCE_S = 60
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TMPDIR": "/tmp"}

# What -test.v says of tests that are not parts of others (those are indented). A test's own output may stand before it.
STARTED = re.compile(r"=== (RUN|PAUSE|CONT)\s+([^/\s]+)$")
ENDED = re.compile(r"(?<! )--- (PASS|FAIL|SKIP): ([^/\s]+) \(")
WORDS = {"RUN": "start", "CONT": "start", "PAUSE": "pause", "PASS": "pass", "FAIL": "fail", "SKIP": "skip"}

# One compiler at a time: it uses all CPUs itself.
_compiling = threading.Lock()


def parse(package, line):
    """Word and name as common.session.Run wants them, or nothing."""
    line = line.rstrip("\n")
    if line in ("PASS", "FAIL"):
        return "end", package
    found = STARTED.search(line) or ENDED.search(line)
    return (WORDS[found[1]], f"{package}.{found[2]}") if found else None


def compiled(package, folder):
    """The package's test program, made natively. Time zones are in it, as not every system has them."""
    program = folder / f"{package.replace('/', '_')}.test"
    with _compiling:
        subprocess.run([GO, "test", "-c", "-tags=timetzdata", "-o", str(program), f"./{package}"], cwd=SOURCES, check=True)
    return program


class PackageSession(SeriesSession):
    def __init__(self, side, group, work):
        super().__init__(side, group, work)
        self._program = self.work.parent / f"{group.replace('/', '_')}.test"
        if side.name == "native":
            self._program = compiled(group, self.work.parent)

    def names(self):
        listed = subprocess.run([self._program, "-test.list=.*"], cwd=SOURCES / self.group, env=ENVIRONMENT, check=False,
                                stdout=subprocess.PIPE, text=True).stdout.split("\n")
        return [f"{self.group}.{name}" for name in listed if name.startswith(("Test", "Example", "Fuzz"))]

    def run(self, names):
        wanted = "|".join(name.rpartition(".")[2] for name in names)
        # One at a time, so that the one that takes the process along is known; short is how Go's builders test.
        arguments = [str(self._program), "-test.v", "-test.short", "-test.parallel=1", "-test.timeout=0", f"-test.run=^({wanted})$"]
        program = Program(arguments, SOURCES / self.group, ENVIRONMENT, [SOURCES, self._program])
        return Run(self.side, program, lambda line: parse(self.group, line), self.log, SILENCE_S)
