"""Where tests run (this system or a machine), and processes that run many of them one after the other."""
import dataclasses
import pathlib
import queue
import subprocess
import sys
import threading
import time

FOLDER = pathlib.Path(__file__).resolve().parent
# A process that has said nothing of its tests for this long hangs.
SILENCE_S = 60


@dataclasses.dataclass
class Program:
    """What to run: its arguments, folder and whole environment, and files and folders that it reads besides its libraries."""

    arguments: list
    folder: pathlib.Path
    environment: dict
    readable: list


class Native:
    """This system itself; children are refused as they are in a machine."""

    name = "native"

    def command(self, program):
        return [sys.executable, "-I", "-S", str(FOLDER / "refuse_children.py"), *program.arguments]


class Machine:
    """A machine of its own for each run."""

    name = "machine"

    def __init__(self, mayfly, memory="2g"):
        self._mayfly = str(mayfly)
        self._memory = memory

    def command(self, program):
        variables = [f"--env={name}={value}" for name, value in program.environment.items()]
        readable = [f"--allow-read={path}" for path in program.readable]
        return [self._mayfly, "run", "--command", f"--memory={self._memory}", "--allow-net=localhost", f"--cwd={program.folder}",
                *readable, *variables, "--", *program.arguments]


class Run:
    """One process that runs many tests: what it says of each, and which one it was at when it ended.

    `parse` makes of a line of its standard output nothing, or a word and the name of a test: start, pause, listed, end (of
    all), or the outcome.
    """

    def __init__(self, side, program, parse, log, silence_s=SILENCE_S):
        self.outcomes = {}
        self.listed = []
        self.current = None
        self.complete = False
        self.hung = False
        command = side.command(program)
        log.write(f"\n=== {' '.join(command)}\n")
        log.flush()
        self._lines = queue.Queue()
        with subprocess.Popen(command, cwd=program.folder, env=program.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=log, text=True, errors="replace") as process:
            reader = threading.Thread(target=self._read, args=(process.stdout, parse, log))
            reader.start()
            self._follow(silence_s)
            process.kill()
            reader.join()

    def _follow(self, silence_s):
        heard = time.monotonic()
        while True:
            try:
                said = self._lines.get(timeout=1)
            except queue.Empty:
                if time.monotonic() - heard > silence_s:
                    self.hung = True
                    return
                continue
            if said is None:
                return
            heard = time.monotonic()
            self._note(*said)

    def _read(self, output, parse, log):
        for line in output:
            said = parse(line)
            if said is not None:
                self._lines.put(said)
            else:
                log.write(line)
        self._lines.put(None)

    def _note(self, word, name):
        if word == "start":
            self.current = name
        elif word == "pause":
            self.current = None
        elif word == "listed":
            self.listed.append(name)
        elif word == "end":
            self.complete = True
        else:
            self.outcomes[name] = word
            self.current = None


class Session:
    """The tests of one group on one side. `work` is a folder for logs, one for each side."""

    def __init__(self, side, group, work):
        self.side = side
        self.group = group
        self.work = pathlib.Path(work) / side.name
        self.work.mkdir(parents=True, exist_ok=True)
        self.log = open(self.work / f"{group.replace('/', '_')}.log", "w", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.log.close()

    def names(self):
        """The names of all tests of the group."""
        raise NotImplementedError

    def outcomes(self, names):
        """What became of each: pass, fail, error, skip; crash or hang if it took the process with it."""
        raise NotImplementedError


class SeriesSession(Session):
    """For suites in which one process runs many tests. Goes on after a hang or a crash."""

    def run(self, names):
        """A Run of these tests."""
        raise NotImplementedError

    def outcomes(self, names):
        """As above; `lost` if a test was never reached, as its group could not be set up."""
        found = {}
        left = list(names)
        while left:
            run = self.run(left)
            found |= run.outcomes
            if run.current is not None:
                found[run.current] = "hang" if run.hung else "crash"
            if run.complete or (run.current is None and not run.outcomes):
                break
            left = [name for name in left if name not in found]
        return {name: found.get(name, "lost") for name in names}
