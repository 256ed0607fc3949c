# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that wait for news."""

import contextlib
import time
import unittest

from satchel_server import PATIENCE, Device, Server, ServerTest


class Waiting(ServerTest):
    users = ("nancy",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first, cls.other = Device(cls.server), Device(cls.server)

    def setUp(self):
        self.device = self.first
        self.device.sync()

    def wait(self, seconds=PATIENCE):
        line = self.device.begin_waiting(seconds)
        self.addCleanup(line.close)
        return line

    def take(self, line):
        began = time.monotonic()
        names = self.device.take(line.read_answer())
        self.assertLess(time.monotonic() - began, PATIENCE / 2)
        return names

    def test_nothing_comes(self):
        began = time.monotonic()
        self.assertEqual(self.device.take(self.wait(1).read_answer()), [])
        self.assertGreaterEqual(time.monotonic() - began, 1)

    def test_news_of_another_device(self):
        line = self.wait()
        self.other.sync("Familia Arquibaldo")
        self.assertEqual(self.take(line), ["Familia Arquibaldo"])

    def test_again_and_again(self):
        for n in range(10):
            line = self.wait()
            self.other.sync(f"Shop {n}")
            self.assertEqual(self.take(line), [f"Shop {n}"])

    def test_news_of_another_process(self):
        line = self.wait()
        self.server.run("territory", "add", "Eastern")
        answer = line.read_answer()
        self.assertIn("Eastern", [frame["put"]["name"] for frame in answer.frames if "put" in frame])

    def test_a_newer_request_ends_the_older_one(self):
        older = self.wait()
        newer = self.wait()
        self.assertEqual(self.take(older), [])
        self.other.sync("Galería del gastrónomo")
        self.assertEqual(self.take(newer), ["Galería del gastrónomo"])

    def test_one_that_does_not_wait_ends_the_older_one_too(self):
        older = self.wait()
        self.assertEqual(self.device.sync("Hanari Carnes"), ["Hanari Carnes"])
        older.read_answer()  # with or without the account: it may have been woken by it

    def test_revoked_meanwhile(self):
        self.device = Device(self.server)
        self.device.sync()
        line = self.wait()
        self.server.run("device", "revoke", self.device.id)
        self.assertRefused(line.read_answer(), 401, "token")

    def test_disabled_meanwhile(self):
        self.server.add_user("leaver")
        self.device = Device(self.server, "leaver")
        self.device.sync()
        line = self.wait()
        self.server.run("user", "disable", "leaver")
        self.assertRefused(line.read_answer(), 403, "disabled")

    def test_a_client_that_leaves_is_let_go(self):
        before = self.server.read_log().count("end=gone")
        self.wait().close()
        end = time.monotonic() + PATIENCE
        with contextlib.closing(self.server.connect()) as line:
            while self.server.read_log().count("end=gone") == before:
                self.assertLess(time.monotonic(), end, "the server still holds it")
                line.ask("GET", "/readyz")
                line.read_answer()

    def test_many_wait(self):
        devices = [self.device, *(Device(self.server) for _ in range(3))]
        for device in devices:
            device.sync()
        lines = [device.begin_waiting() for device in devices]
        self.other.sync("Island Trading")
        for device, line in zip(devices, lines):
            self.assertEqual(device.take(line.read_answer()), ["Island Trading"])
            line.close()


class Stopping(unittest.TestCase):
    def test_who_waits_is_answered(self):
        server = Server()
        self.addCleanup(server.remove)
        server.add_user("nancy")
        server.start()
        device = Device(server)
        device.sync()
        line = device.begin_waiting()
        # Once another request of the same kind is answered, this one has been read, and most likely waits.
        other = Device(server)
        other.sync()

        began = time.monotonic()
        code, rest = server.stop()
        self.assertLess(time.monotonic() - began, 20)
        self.assertEqual((code, rest), (0, ""), server.read_log_end())
        self.assertEqual(device.take(line.read_answer()), [])
        self.assertTrue(line.is_ended())
        line.close()


if __name__ == "__main__":
    unittest.main()
