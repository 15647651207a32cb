"""What the Python servers of this folder answer; all have the same paths. It knows nothing of how they serve."""

HELLO = b"Hello from Python\n"
PAGE = b"".join(b"<p>Line %04d of a page of some thirty kilobytes.</p>\n" % line for line in range(600))


class Counter:
    """Counts the requests that it has answered: the state that a server keeps from one request to the next."""

    def __init__(self):
        self.count = 0

    def answer(self, path):
        """@return status, content type and body"""
        self.count += 1
        if path == "/":
            return 200, "text/plain", HELLO
        if path == "/page":
            return 200, "text/html", PAGE
        if path == "/count":
            return 200, "text/plain", b"%d\n" % self.count
        return 404, "text/plain", b"not found\n"
