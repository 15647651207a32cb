"""Which of Go's tests are the yardstick."""
import pathlib

from common.yardstick import Yardstick

from .session import GO, SOURCES, PackageSession

INTRODUCTION = """\
The tests of Go's standard library, as Debian 12 packages them for Go 1.19 (golang-1.19-src), compiled natively and run with `-test.short`,
one at a time. A test is a function as `-test.v` reports it, a group a package.
"""
GROUPS = ("net/http", "runtime", "runtime/pprof", "net", "time", "net/http/httputil", "net/rpc", "os", "syscall", "internal/poll",
          "runtime/debug", "sync", "os/user", "os/signal", "sync/atomic")
QUICK = ("os", "sync")


def missing(group):
    """Why this package cannot be run here, or nothing."""
    if not pathlib.Path(GO).exists() or not (SOURCES / group).is_dir():
        return f"{GO} or {SOURCES} is missing: scripts/setup installs golang-go and golang-1.19-src"
    return None


YARDSTICK = Yardstick("go", "Go's own tests", INTRODUCTION, GROUPS, QUICK, PackageSession, missing)
