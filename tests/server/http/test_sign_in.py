# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in, and the limits to trying."""

import json
import unittest

from satchel_server import PATIENCE, Device, ServerTest

JSON = {"Content-Type": "application/json"}


class SignIn(ServerTest):
    users = ("nancy", "gone")

    def test_signed_in(self):
        answer = self.server.sign_in()
        self.assertEqual((answer.status, answer.headers["content-type"]), (201, "application/json"))
        said = json.loads(answer.body)
        self.assertEqual(said["user"]["name"], "nancy")
        self.assertEqual(said["organisation"], "Northwind Traders")
        self.assertRegex(said["token"], r"^[A-Za-z0-9_-]{43}$")

    def test_the_same_device_again(self):
        device = Device(self.server)
        device.sync("Ernst Handel")
        said = json.loads(self.server.sign_in(previous=device.id).body)
        self.assertEqual(said["device"], device.id)
        answer = self.server.ask("POST", "/v1/sync", device.make_request(), device.headers)
        self.assertRefused(answer, 401, "token")

    def test_wrong_name_or_password(self):
        sentences = set()
        for user, password in (("nancy", "wrong"), ("nobody", "wrong"), ("nancy", "")):
            answer = self.server.sign_in(user, password)
            self.assertRefused(answer, 401, "credentials")
            sentences.add(answer.error["message"])
        self.assertEqual(len(sentences), 1)

    def test_disabled(self):
        self.server.run("user", "disable", "gone")
        self.assertRefused(self.server.sign_in("gone"), 403, "disabled")
        self.assertRefused(self.server.sign_in("gone", "wrong"), 401, "credentials")

    def test_malformed(self):
        good = {"protocol": 1, "user": "nancy", "password": "x", "device": "d"}
        for body in (b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 10000, json.dumps(dict(good, user=7)).encode(),
                     json.dumps(dict(good, password=None)).encode(), json.dumps({"protocol": 1}).encode(),
                     json.dumps(dict(good, user="n" * 5000)).encode()):
            with self.subTest(body[:40]):
                self.assertRefused(self.server.ask("POST", "/v1/devices", body, JSON), 400, "malformed")

    def test_other_protocol(self):
        answer = self.server.sign_in(protocol=2)
        self.assertRefused(answer, 400, "protocol")
        self.assertEqual(answer.error["supported"], [1])

    def test_who_is_right_is_not_counted(self):
        for _ in range(12):
            self.assertEqual(self.server.sign_in().status, 201)


class Tries(ServerTest):
    users = ("nancy", "olga")

    def test_the_eleventh_try_waits(self):
        for _ in range(10):
            self.assertRefused(self.server.sign_in("nancy", "wrong"), 401, "credentials")
        for user in ("nancy", "olga"):  # the name waits, and so does the address
            answer = self.server.sign_in(user)
            self.assertRefused(answer, 429, "busy")
            self.assertTrue(1 <= int(answer.headers["retry-after"]) <= 60, answer.headers)


class Leaving(ServerTest):
    """Who is not let in any more finds out at once, also while waiting."""

    def wait(self):
        device = Device(self.server)
        device.sync()
        line = device.begin_waiting(PATIENCE)
        self.addCleanup(line.close)
        return device, line

    def test_signing_out_while_waiting(self):
        device, line = self.wait()
        answer = self.server.ask("DELETE", "/v1/devices/self", headers=device.headers)
        self.assertEqual(answer.status, 204)
        self.assertRefused(line.read_answer(), 401, "token")

    def test_signing_in_again_while_waiting(self):
        device, line = self.wait()
        self.assertEqual(self.server.sign_in(previous=device.id).status, 201)
        self.assertRefused(line.read_answer(), 401, "token")

    def test_others_wait_on(self):
        other, line = self.wait()
        device, gone = self.wait()
        self.server.ask("DELETE", "/v1/devices/self", headers=device.headers)
        self.assertRefused(gone.read_answer(), 401, "token")
        Device(self.server).sync("Shop")
        self.assertEqual(other.take(line.read_answer()), ["Shop"])


class Renewal(ServerTest):
    def test_a_new_token(self):
        device = Device(self.server)
        old = dict(device.headers)
        answer = self.server.ask("POST", "/v1/devices/self/token", headers=old)
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        said = json.loads(answer.body)
        self.assertRegex(said["token"], r"^[A-Za-z0-9_-]{43}$")
        self.assertNotEqual(said["token"], device.token)
        self.assertRegex(said["expires_at"], r"^\d{4}-\d\d-\d\dT")
        device.sync("With the old one")
        device.token = said["token"]
        device.sync("With the new one")
        self.assertRefused(self.server.ask("POST", "/v1/sync", device.make_request(), old), 401, "token")

    def test_not_for_everybody(self):
        for headers in ({}, {"Authorization": "Bearer nobody"}):
            self.assertRefused(self.server.ask("POST", "/v1/devices/self/token", headers=headers), 401, "token")


class UntrustedProxy(ServerTest):
    """A header that nobody spoke of says nothing of the address."""

    users = ("nancy", "olga")
    plain = True
    options = ("--behind-proxy", "--address-header", "X-Real-IP")

    def test_other_headers_do_not_count(self):
        body = json.dumps({"protocol": 1, "user": "nobody", "password": "wrong", "device": "d"}).encode()
        for n in range(10):
            answer = self.server.ask("POST", "/v1/devices", body.replace(b"nobody", b"nobody%d" % n),
                                     dict(JSON, **{"X-Forwarded-For": f"192.0.2.{n}", "X-Real-IP": "198.51.100.1"}))
            self.assertRefused(answer, 401, "credentials")
        answer = self.server.ask("POST", "/v1/devices", body,
                                 dict(JSON, **{"X-Forwarded-For": "203.0.113.9", "X-Real-IP": "198.51.100.1"}))
        self.assertRefused(answer, 429, "busy")
        self.assertIn("address=198.51.100.1", self.server.read_log())
        self.assertNotIn("192.0.2.", self.server.read_log())


class TriesBehindProxy(ServerTest):
    """A proxy tells whose tries they are."""

    users = ("nancy", "olga")
    plain = True
    options = ("--behind-proxy", "--address-header", "X-Forwarded-For")

    def sign_in(self, user, password, address):
        body = json.dumps({"protocol": 1, "user": user, "password": password, "device": "d"}).encode()
        return self.server.ask("POST", "/v1/devices", body, dict(JSON, **{"X-Forwarded-For": address}))

    def test_each_address_by_itself(self):
        for n in range(10):
            self.assertRefused(self.sign_in(f"user {n}", "wrong", "6.6.6.6, 192.0.2.1"), 401, "credentials")
        self.assertRefused(self.sign_in("nancy", "wrong", "7.7.7.7, 192.0.2.1"), 429, "busy")
        self.assertEqual(self.sign_in("nancy", "three blue hats", "192.0.2.2").status, 201)

    def test_each_name_by_itself(self):
        for n in range(10):
            self.assertRefused(self.sign_in("Olga", "wrong", f"198.51.100.{n}"), 401, "credentials")
        self.assertRefused(self.sign_in("olga", "wrong", "203.0.113.1"), 429, "busy")


if __name__ == "__main__":
    unittest.main()
