"""Which of Node's tests are the yardstick."""
import shutil

from common.yardstick import Yardstick

from .session import NODE, PARALLEL, FileSession

INTRODUCTION = """\
Node's own test/parallel of Node 18, from Debian 12's source package, run by the installed Node (18 to 20). A test is a file, which passes if
it exits with 0 and skips nothing; a group is a family of files by the beginning of their names. Files that want what Node 18 alone does
do not pass under Node 20, and so do not count there.
"""
GROUPS = ("http", "fs", "http2", "stream", "net", "worker", "crypto", "process", "timers", "zlib", "events")
# Half a minute.
QUICK = ("events",)

# They wait for what Node 18 does and Node 20 does not.
ENDLESS = frozenset((
    "test-http-keep-alive-drop-requests",
    "test-http-malformed-request",
    "test-http-pipeline-assertionerror-finish",
    "test-http-pipeline-requests-connection-leak",
    "test-http-pipeline-socket-parser-typeerror",
    "test-http-response-splitting",
    "test-http-should-keep-alive",
    "test-https-keep-alive-drop-requests",
))


def missing(group):
    """Why this group cannot be run here, or nothing."""
    del group
    if shutil.which(NODE) is None:
        return "there is no node: scripts/setup installs it"
    if not PARALLEL.is_dir():
        return "the tests are not there: tests/compat/node/fetch-tests gets them from Debian's source package"
    return None


YARDSTICK = Yardstick("node", "Node's own tests", INTRODUCTION, GROUPS, QUICK, FileSession, missing, ENDLESS)
