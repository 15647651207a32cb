"""Runs files of Node's test/parallel, each in a process of its own."""
import re
import shlex
import subprocess
import tempfile

from common.session import Program, Session
from common.yardstick import FETCHED

NODE = "node"
TESTS = FETCHED / "node" / "test"
PARALLEL = TESTS / "parallel"
# Natively a test takes a second or two; what needs longer mostly waits for a child.
NATIVE_LIMIT_S = 20
MACHINE_LIMIT_S = 60
# TEST_PARALLEL makes tests take any free port, as two of them may run at a time.
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8", "TEST_PARALLEL": "1"}

# A test's name begins with that of its group; the longest that fits is meant (http2, not http).
GROUP = re.compile(r"test-(fs|net|http2|https?|stream|timers|process|event|worker|zlib|crypto)")
GROUPS_OF_WORDS = {"https": "http", "event": "events"}


def group_of(name):
    """Of a test by its file name without suffix, or nothing."""
    word = GROUP.match(name)
    return GROUPS_OF_WORDS.get(word[1], word[1]) if word else None


def tests_of(group):
    """Names and files."""
    files = sorted(path for path in PARALLEL.iterdir() if path.suffix in (".js", ".mjs") and group_of(path.stem) == group)
    return {path.stem: path for path in files}


def flags_of(path):
    """What the file's `// Flags:` lines say; node's own test runner reads them as well."""
    source = path.read_text(encoding="utf-8", errors="replace")
    return [flag for line in re.findall(r"^// Flags:[ \t]+(--.*)$", source, re.MULTILINE) for flag in shlex.split(line)]


def outcome_of(status, output):
    if status < 0 or status >= 128:
        return "crash"
    if status != 0:
        return "fail"
    return "skip" if re.search(r"^1\.\.0 # Skipped", output, re.MULTILINE) else "pass"


class FileSession(Session):
    def __init__(self, side, group, work):
        super().__init__(side, group, work)
        self._files = tests_of(group)
        self._limit_s = NATIVE_LIMIT_S if side.name == "native" else MACHINE_LIMIT_S
        # Short, as sockets have their addresses there; in a machine, what is written there stays there.
        self._folder = tempfile.TemporaryDirectory(prefix="compat-", ignore_cleanup_errors=True)

    def __exit__(self, *raised):
        self._folder.cleanup()
        super().__exit__(*raised)

    def names(self):
        return list(self._files)

    def outcomes(self, names):
        return {name: self._run(self._files[name]) for name in names}

    def _run(self, path):
        environment = ENVIRONMENT | {"NODE_TEST_DIR": self._folder.name}
        program = Program([NODE, *flags_of(path), str(path)], PARALLEL, environment, [TESTS, self._folder.name])
        command = self.side.command(program)
        self.log.write(f"\n=== {' '.join(command)}\n")
        try:
            ended = subprocess.run(command, cwd=program.folder, env=program.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                                   timeout=self._limit_s)
        except subprocess.TimeoutExpired as expired:
            self.log.write(f"{(expired.output or b'').decode(errors='replace')}\n--- hang\n")
            return "hang"
        outcome = outcome_of(ended.returncode, ended.stdout)
        self.log.write(f"{ended.stdout}\n--- {outcome}, status {ended.returncode}\n")
        self.log.flush()
        return outcome
