"""Tests that do what the harness has to survive."""
import errno
import os
import signal
import socket
import threading
import time
import unittest


class Odd(unittest.TestCase):
    def test_1_pass(self):
        os.write(1, b"an unfinished line")

    def test_2_fail(self):
        self.fail("on purpose")

    def test_3_skip(self):
        self.skipTest("on purpose")

    def test_4_crash(self):
        os.kill(os.getpid(), signal.SIGKILL)

    def test_5_pass_after_the_crash(self):
        pass

    def test_6_hang(self):
        threading.Event().wait()

    def test_7_one_part_fails(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertNotEqual(part, 1)

    def test_8_threads_are_allowed(self):
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

    def test_9_children_are_refused(self):
        for attempt in os.fork, lambda: os.execv("/bin/true", ["true"]):
            with self.assertRaises(OSError) as raised:
                attempt()
            self.assertEqual(raised.exception.errno, errno.ENOSYS)

    def test_a_clock_and_name_stay(self):
        for attempt in lambda: socket.sethostname(socket.gethostname()), lambda: time.clock_settime(0, time.time()):
            with self.assertRaises(PermissionError):
                attempt()


class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("on purpose")

    def test_never_begins(self):
        pass
