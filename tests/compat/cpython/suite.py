"""Which of CPython's tests are the yardstick."""
import pathlib

from common.yardstick import FETCHED, Yardstick

from .session import PYTHON, ModuleSession

# What Debian's libpython3.11-testsuite leaves out; see fetch-sqlite-tests.
MORE_TESTS = FETCHED / "cpython"

INTRODUCTION = """\
CPython's own tests, as Debian 12 packages them for Python 3.11. A test is a method, a group a module.
"""
GROUPS = ("test_asyncio", "test_socket", "test_io", "test_selectors", "test_threading", "test_queue", "test_signal",
          "test_time", "test_thread", "test_select", "test_poll", "test_mmap", "test_os", "test_shutil", "test_pathlib",
          "test_sqlite3", "test_tempfile", "test_posix", "test_fileio", "test_epoll")
# A minute or two.
QUICK = ("test_threading", "test_signal", "test_time", "test_select", "test_poll", "test_mmap", "test_os", "test_shutil",
         "test_pathlib", "test_sqlite3", "test_tempfile", "test_posix", "test_fileio", "test_epoll")

# The last wants a VSOCK device.
ENDLESS = frozenset((
    "test_thread.TestForkInThread.test_forkinthread",
    "test_socket.ThreadedVSOCKSocketStreamTest.testStream",
))


def is_fetched(module):
    return (MORE_TESTS / "test" / module).is_dir()


def missing(module):
    """Why this module cannot be run here, or nothing."""
    if not pathlib.Path(PYTHON).exists():
        return f"{PYTHON} is missing: scripts/setup installs it"
    if module == "test_sqlite3" and not is_fetched(module):
        return "Debian's packages leave it out; tests/compat/cpython/fetch-sqlite-tests gets it from the source package"
    return None


def session(side, module, work):
    return ModuleSession(side, module, work, MORE_TESTS if is_fetched(module) else None)


YARDSTICK = Yardstick("cpython", "CPython's own tests", INTRODUCTION, GROUPS, QUICK, session, missing, ENDLESS)
