"""Which of CPython's tests are the yardstick."""
import pathlib

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
# What Debian's libpython3.11-testsuite leaves out; see fetch-sqlite-tests.
FETCHED = REPOSITORY / ".cache" / "compat" / "cpython"

# Longest first, so that two jobs end at about the same time.
MODULES = ("test_asyncio", "test_socket", "test_io", "test_selectors", "test_threading", "test_queue", "test_signal",
           "test_time", "test_thread", "test_select", "test_poll", "test_mmap", "test_os", "test_shutil", "test_pathlib",
           "test_sqlite3", "test_tempfile", "test_posix", "test_fileio", "test_epoll")
# A minute or two.
QUICK = ("test_threading", "test_signal", "test_time", "test_select", "test_poll", "test_mmap", "test_os", "test_shutil",
         "test_pathlib", "test_sqlite3", "test_tempfile", "test_posix", "test_fileio", "test_epoll")

# They wait for good for what cannot come without children, or without a VSOCK device, so they could not count.
ENDLESS = frozenset((
    "test.test_thread.TestForkInThread.test_forkinthread",
    "test.test_socket.ThreadedVSOCKSocketStreamTest.testStream",
))


def missing(module):
    """Why this module cannot be run here, or nothing."""
    if module == "test_sqlite3" and not (FETCHED / "test" / module).is_dir():
        return "Debian's packages leave it out; tests/compat/cpython/fetch-sqlite-tests gets it from the source package"
    return None
