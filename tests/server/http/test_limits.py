# SPDX-License-Identifier: GPL-3.0-or-later
"""Time and numbers: nobody may take too much of them."""

import base64
import contextlib
import secrets
import socket
import time
import unittest

from satchel_server import FRAMES, PATIENCE, Device, ServerTest, write_frames

HEAD = "POST /v1/sync HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n" f"Content-Type: {FRAMES}\r\n"


class Deadlines(ServerTest):
    """Of two seconds each."""

    options = ("--head-timeout", "2", "--body-timeout", "2", "--idle-timeout", "2")

    def assertSoon(self, began):
        self.assertLess(time.monotonic() - began, PATIENCE / 2)

    def test_half_a_head(self):
        line = self.connect()
        began = time.monotonic()
        line.send("GET /healthz HTTP/1.1\r\nHost: a\r\n")
        self.assertRefused(line.read_answer(), 408, "malformed")
        self.assertTrue(line.is_ended())
        self.assertSoon(began)

    def test_a_trickling_head(self):
        """A byte now and then does not buy time."""
        line = self.connect()
        line.stream.settimeout(0.05)
        began = time.monotonic()
        line.send("GET /healthz HTTP/1.1\r\nA: ")
        while True:
            try:
                line.send("b")
                data = line.stream.recv(1000)
                break
            except (TimeoutError, socket.timeout):
                self.assertSoon(began)
        self.assertIn(b" 408 ", data)

    def test_half_a_body(self):
        line = self.connect()
        line.send(HEAD + "Content-Length: 100\r\n\r\nhalf")
        self.assertRefused(line.read_answer(), 408, "malformed")
        self.assertTrue(line.is_ended())

    def test_a_trickling_body(self):
        line = self.connect()
        line.stream.settimeout(0.05)
        began = time.monotonic()
        line.send(HEAD + "Content-Length: 1000\r\n\r\n")
        while True:
            try:
                line.send("b")
                data = line.stream.recv(1000)
                break
            except (TimeoutError, socket.timeout):
                self.assertSoon(began)
        self.assertIn(b" 408 ", data)
        self.assertGreater(time.monotonic() - began, 4)

    def test_nothing_at_all(self):
        with self.server.connect_plain() as stream:
            began = time.monotonic()
            self.assertEqual(stream.recv(1000), b"")
            self.assertSoon(began)

    def test_half_a_handshake(self):
        with self.server.connect_plain() as stream:
            stream.sendall(b"\x16\x03\x01\x02\x00\x01")
            began = time.monotonic()
            self.assertEqual(stream.recv(1000), b"")
            self.assertSoon(began)

    def test_idle(self):
        line = self.connect()
        line.ask("GET", "/healthz")
        self.assertEqual(line.read_answer().status, 200)
        began = time.monotonic()
        self.assertTrue(line.is_ended())
        self.assertSoon(began)

    def test_waiting_is_no_idling(self):
        device = Device(self.server)
        device.sync()
        began = time.monotonic()
        line = device.begin_waiting(4)
        device.take(line.read_answer())
        self.assertGreaterEqual(time.monotonic() - began, 4)
        line.close()

    def test_many_half_handshakes_hold_up_nobody_else(self):
        streams = [self.server.connect_plain("127.0.0.2") for _ in range(60)]
        for stream in streams:
            stream.sendall(b"\x16\x03\x01\x02\x00\x01")
        self.assertEqual(self.server.ask("GET", "/healthz").status, 200)
        for stream in streams:
            stream.close()

    def test_a_client_that_does_not_take_its_answers(self):
        """It is let go, and the thread that serves never waits for it."""
        device = Device(self.server)
        noise = base64.b64encode(secrets.token_bytes(600000)).decode()
        device.sync(*(Device.make_account(f"Shop {n}", preferences=noise) for n in range(3)))
        # A first sync has all of it. Ask for that so often that it cannot all be on its way.
        request = write_frames({"begin": {"protocol": 1, "nonce": device.nonce}})
        size = len(self.server.ask("POST", "/v1/sync", request, device.headers).body)
        self.assertGreater(size, 300000)
        before = self.server.read_log().count("status=200 end=cut")
        line = self.connect()
        for _ in range(64 * 1024 * 1024 // size):
            line.ask("POST", "/v1/sync", request, device.headers)

        end = time.monotonic() + PATIENCE
        with contextlib.closing(self.server.connect()) as other:
            while self.server.read_log().count("status=200 end=cut") == before:
                self.assertLess(time.monotonic(), end, "the server still writes")
                began = time.monotonic()
                other.ask("GET", "/readyz")
                self.assertEqual(other.read_answer().status, 200)
                self.assertSoon(began)


class Numbers(ServerTest):
    options = ("--connections", "20", "--connections-per-address", "10")

    def test_from_one_address(self):
        lines = []
        for _ in range(10):
            line = self.connect()
            line.ask("GET", "/healthz")
            self.assertEqual(line.read_answer().status, 200)
            lines.append(line)
        with self.server.connect_plain() as stream:
            self.assertEqual(stream.recv(1), b"")
        for line in lines:
            line.close()
        # There is room again once the server has seen that they are gone.
        end = time.monotonic() + PATIENCE
        while True:
            with self.server.connect_plain() as stream:
                stream.settimeout(0.2)
                try:
                    if stream.recv(1) == b"":
                        self.assertLess(time.monotonic(), end)
                        continue
                except (TimeoutError, socket.timeout):
                    return


class Room(ServerTest):
    plain = True
    options = ("--behind-proxy", "--connections", "10")

    def test_who_rests_makes_room(self):
        lines = [self.connect() for _ in range(10)]
        for line in lines:
            line.ask("GET", "/healthz")
            self.assertEqual(line.read_answer().status, 200)
        for _ in range(5):
            self.assertEqual(self.server.ask("GET", "/healthz").status, 200)
        # The newest are still open.
        lines[9].ask("GET", "/healthz")
        self.assertEqual(lines[9].read_answer().status, 200)


class Crowd(ServerTest):
    plain = True
    options = ("--behind-proxy", "--connections", "10")

    def test_many_at_once(self):
        for _ in range(20):
            lines = [self.server.connect() for _ in range(30)]
            for line in lines:
                line.close()
        # There is room again once the server has seen that they are gone.
        end = time.monotonic() + PATIENCE
        while (answer := self.server.ask("GET", "/healthz")) is None:
            self.assertLess(time.monotonic(), end)
        self.assertEqual(answer.status, 200)


if __name__ == "__main__":
    unittest.main()
