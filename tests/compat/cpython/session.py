"""Runs test methods through the harness, natively or in a machine, and goes on after a hang or a crash."""
import pathlib
import queue
import subprocess
import threading
import time

from harness import MARK

FOLDER = pathlib.Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3.11"
# A harness that has said nothing for this long hangs; it has dumped its threads by then.
SILENCE_S = 60
# What a machine sets for its program, for both sides.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


class Native:
    """This system itself; children are refused as they are in a machine."""

    name = "native"

    def command(self, arguments, readable):
        del readable
        return [PYTHON, "harness.py", "--refuse-children", *arguments]


class Machine:
    """A machine of its own for each run."""

    name = "machine"

    def __init__(self, mayfly):
        self._mayfly = str(mayfly)

    def command(self, arguments, readable):
        variables = [f"--env={name}={value}" for name, value in ENVIRONMENT.items()]
        allowed = [f"--allow-read={path}" for path in readable]
        return [self._mayfly, "run", "--command", "--memory=2g", "--allow-net=localhost", *allowed, *variables, "--",
                PYTHON, "harness.py", *arguments]


class Run:
    """One process: what it says of each method, and which one it was at when it ended."""

    def __init__(self, command, log, silence_s):
        self.outcomes = {}
        self.listed = []
        self.current = None
        self.complete = False
        self.hung = False
        log.write(f"\n=== {' '.join(command)}\n")
        log.flush()
        self._lines = queue.Queue()
        with subprocess.Popen(command, cwd=FOLDER, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=log, text=True, errors="replace") as process:
            reader = threading.Thread(target=self._read, args=(process.stdout,))
            reader.start()
            self._follow(silence_s)
            process.kill()
            reader.join()

    def _follow(self, silence_s):
        heard = time.monotonic()
        while True:
            try:
                line = self._lines.get(timeout=1)
            except queue.Empty:
                if time.monotonic() - heard > silence_s:
                    self.hung = True
                    return
                continue
            if line is None:
                return
            heard = time.monotonic()
            self._note(line)

    def _read(self, output):
        for line in output:
            if line.startswith(MARK):
                self._lines.put(line[len(MARK):].rstrip("\n"))
        self._lines.put(None)

    def _note(self, line):
        word, _, name = line.partition(" ")
        if word == "start":
            self.current = name
        elif word == "listed":
            self.listed.append(name)
        elif word == "end":
            self.complete = True
        else:
            self.outcomes[name] = word
            self.current = None


class Session:
    """The methods of one module on one side. `work` is a folder for lists and logs; `more_tests` as the harness has it."""

    def __init__(self, side, module, work, more_tests=None, silence_s=SILENCE_S):
        self._side = side
        self._module = module
        self._work = pathlib.Path(work) / side.name
        self._work.mkdir(parents=True, exist_ok=True)
        self._more_tests = [] if more_tests is None else [str(more_tests)]
        self._silence_s = silence_s
        self._log = open(self._work / f"{module}.log", "w", encoding="utf-8")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._log.close()

    def methods(self):
        """The names of all."""
        return self._run("--list").listed

    def outcomes(self, names):
        """What became of each: pass, fail, error, skip; crash or hang if it took the process with it; lost if its class
        or module could not be set up."""
        found = {}
        left = list(names)
        listing = self._work / f"{self._module}.names"
        while left:
            listing.write_text("\n".join(left) + "\n", encoding="utf-8")
            run = self._run("--only", str(listing))
            found |= run.outcomes
            if run.current is not None:
                found[run.current] = "hang" if run.hung else "crash"
            if run.complete or (run.current is None and not run.outcomes):
                break
            left = [name for name in left if name not in found]
        return {name: found.get(name, "lost") for name in names}

    def _run(self, *arguments):
        more = [f"--more-tests={folder}" for folder in self._more_tests]
        command = self._side.command([*arguments, *more, self._module], [self._work, *self._more_tests])
        return Run(command, self._log, self._silence_s)
