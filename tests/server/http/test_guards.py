# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server does with requests that are not as they should be."""

import contextlib
import secrets
import unittest

from satchel_server import FRAMES, Device, ServerTest, compress, seal, write_frames

MIB = 1024 * 1024


class Heads(ServerTest):
    """Heads that are refused, each with a sentence, and the end of the connection."""

    plain = True
    options = ("--behind-proxy",)

    def assertHeadRefused(self, text, status, code):
        line = self.connect()
        line.send(text)
        answer = line.read_answer()
        self.assertRefused(answer, status, code)
        self.assertEqual(answer.headers["connection"], "close")
        self.assertTrue(line.is_ended())

    def assertSyncRefused(self, headers, status=400, code="malformed"):
        self.assertHeadRefused(f"POST /v1/sync HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n", status, code)

    def test_routes(self):
        for line in ("GET /nothing", "GET /", "GET /healthz/", "GET /healthz?x", "PUT /healthz", "GET /v1/sync",
                     "GET /v1/devices", "DELETE /v1/devices", "OPTIONS *", "OPTIONS /v1/sync", "TRACE /healthz",
                     "CONNECT a:443", "GET http://a/healthz", "GET /%68ealthz", "GET /v1/records/account/",
                     "GET /v1/records/a%2e/1/history", "GET /v1/records/account/../history",
                     "GET /v1/records/account/1/2/history", "GET /v1/digests/", "GET /v1/digests/org/1/2",
                     "POST /v1/digests", "PUT /v1/records/account/1", f"{'X' * 5000} /healthz"):
            with self.subTest(line[:60]):
                self.assertHeadRefused(f"{line} HTTP/1.1\r\nHost: a\r\n\r\n", 404, "not_found")

    def test_head_has_no_body(self):
        line = self.connect()
        line.send("HEAD /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual(line.read_answer(bodiless=True).status, 404)
        self.assertTrue(line.is_ended())

    def test_hosts(self):
        for hosts in ("", "Host: a\r\nHost: a\r\n", "Host: a\r\nHOST: b\r\n", "Host: a/b\r\n", "Host:\r\n",
                      "Host: a@b\r\n"):
            with self.subTest(hosts):
                self.assertHeadRefused(f"GET /healthz HTTP/1.1\r\n{hosts}\r\n", 400, "malformed")

    def test_lengths(self):
        for length in ("Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1\r\ncontent-length: 2",
                       "Content-Length: 1, 1", "Content-Length: +1", "Content-Length: -1", "Content-Length: 0x1",
                       "Content-Length: one", "Content-Length:", "Content-Length: 1 1"):
            with self.subTest(length):
                self.assertSyncRefused(length)

    def test_no_length(self):
        self.assertSyncRefused(f"Content-Type: {FRAMES}", 411)

    def test_chunks(self):
        for more in ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 3",
                     "transfer-encoding: identity", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: \tchunked"):
            with self.subTest(more):
                self.assertSyncRefused(more, 501)

    def test_too_large_is_refused_before_it_comes(self):
        for length in (8 * MIB + 1, 10**12, 10**40):
            with self.subTest(length):
                self.assertSyncRefused(f"Content-Type: {FRAMES}\r\nContent-Length: {length}", 413, "limits")

    def test_sign_in_and_gets_are_small(self):
        self.assertHeadRefused("POST /v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: 16385\r\n\r\n", 413, "limits")
        self.assertHeadRefused("GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 413, "limits")

    def test_media_types(self):
        for headers in ("Content-Length: 2", "Content-Length: 2\r\nContent-Type: text/plain",
                        f"Content-Length: 2\r\nContent-Type: {FRAMES}\r\nContent-Encoding: gzip",
                        f"Content-Length: 2\r\nContent-Type: {FRAMES}x"):
            with self.subTest(headers):
                self.assertSyncRefused(headers, 415)
        self.assertSyncRefused(f"Content-Length: 2\r\nContent-Type: {FRAMES}\r\nContent-Type: {FRAMES}")

    def test_broken_lines(self):
        for text in ("\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET  /healthz HTTP/1.1\r\n\r\n",
                     "GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", "GET /healthz HTTP/1.1\nHost: a\n\n",
                     "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n",
                     "G(T /healthz HTTP/1.1\r\nHost: a\r\n\r\n", " GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"):
            with self.subTest(text):
                self.assertHeadRefused(text, 400, "malformed")

    def test_broken_headers(self):
        for header in ("Content-Length : 1", "No colon", ": nameless", "A: b\r\n folded: c", "A: \0", "A: b\x7f",
                       "A: b\rC: d", "Expect: miracles"):
            with self.subTest(header):
                self.assertSyncRefused(header)

    def test_too_many_headers(self):
        lines = "".join(f"A{i}: b\r\n" for i in range(64))
        self.assertHeadRefused(f"GET /healthz HTTP/1.1\r\nHost: a\r\n{lines}\r\n", 400, "limits")

    def test_too_long_head(self):
        self.assertHeadRefused(f"GET /healthz HTTP/1.1\r\nHost: a\r\nA: {'b' * 17000}\r\n\r\n", 400, "limits")
        self.assertHeadRefused(f"GET /{'b' * 20000}", 400, "limits")

    def test_tokens(self):
        for more in ("", "Authorization: Basic YTpi\r\n", "Authorization: Bearer\r\n", "Authorization: Bearer a b\r\n",
                     f"Authorization: Bearer {'a' * 300}\r\n"):
            with self.subTest(more):
                self.assertHeadRefused(f"DELETE /v1/devices/self HTTP/1.1\r\nHost: a\r\n{more}\r\n", 401, "token")
        two = "Authorization: Bearer a\r\n" * 2
        self.assertHeadRefused(f"DELETE /v1/devices/self HTTP/1.1\r\nHost: a\r\n{two}\r\n", 400, "malformed")

    def test_a_head_in_single_bytes(self):
        line = self.connect()
        for byte in b"\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n":
            line.send(bytes([byte]))
        self.assertEqual(line.read_answer().body, b"ok\n")

    def test_one_after_the_other(self):
        line = self.connect()
        line.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" * 5 + "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
        self.assertEqual([line.read_answer().status for _ in range(6)], [200] * 5 + [404])
        self.assertTrue(line.is_ended())

    def test_old_http(self):
        line = self.connect()
        line.send("GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n")
        self.assertEqual(line.read_answer().body, b"ok\n")
        self.assertTrue(line.is_ended())

    def test_ranges_are_not_read(self):
        answer = self.server.ask("GET", "/healthz", headers={"Range": "bytes=0-0,0-1,0-2"})
        self.assertEqual((answer.status, answer.body), (200, b"ok\n"))

    def test_no_websockets(self):
        headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                   "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
        self.assertEqual(self.server.ask("GET", "/healthz", headers=headers).status, 200)

    def test_what_is_not_http(self):
        for text in (secrets.token_bytes(30000), b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 2000):
            line = self.connect()
            line.send(text)
            self.assertRefused(line.read_answer(), 400, "limits" if b"\n" not in text[:16384] else "malformed")


class Bodies(ServerTest):
    """Bodies, over TLS."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = Device(cls.server)

    def sync(self, body, **headers):
        return self.server.ask("POST", "/v1/sync", body, dict(self.device.headers, **headers))

    def test_health(self):
        for path in ("/healthz", "/readyz"):
            self.assertEqual(self.server.ask("GET", path).body, b"ok\n")

    def test_a_refusal_arrives_however_much_was_sent(self):
        line = self.connect()
        line.ask("POST", "/v1/sync", b"x" * (9 * MIB), self.device.headers)
        self.assertRefused(line.read_answer(), 413, "limits")

    def test_empty(self):
        self.assertRefused(self.sync(b""), 400, "malformed")

    def test_not_zstd(self):
        self.assertRefused(self.sync(b"{}"), 400, "malformed")

    def test_cut(self):
        body = Device(self.server).make_request("Alfreds Futterkiste")
        self.assertRefused(self.sync(body[:-5]), 400, "malformed")

    def test_no_end(self):
        self.assertRefused(self.sync(compress(b'{"begin":{"protocol":1}}\n')), 400, "malformed")

    def test_bomb(self):
        body = compress(b" " * (100 * MIB))
        self.assertLess(len(body), 20000)
        self.assertRefused(self.sync(body), 400, "limits")

    def test_strangers_get_nothing_decoded(self):
        body = compress(b" " * (400 * MIB))
        self.assertGreater(len(body), 4096)
        self.assertRefused(self.sync(body, Authorization="Bearer of-nobody"), 401, "token")

    def test_depth(self):
        deep = '{"group":' * 100000 + "1" + "}" * 100000
        self.assertRefused(self.sync(compress(seal(['{"begin":{"protocol":1}}', deep]))), 400, "limits")

    def test_too_many_groups(self):
        frames = [{"group": {"n": n, "hash": "0" * 64, "mutations": []}} for n in range(1, 1002)]
        self.assertRefused(self.sync(write_frames({"begin": {"protocol": 1}}, *frames)), 400, "limits")

    def test_other_protocol(self):
        answer = self.sync(write_frames({"begin": {"protocol": 99}}))
        self.assertRefused(answer, 400, "protocol")
        self.assertEqual(answer.error["supported"], [1])

    def test_wrong_token(self):
        for method, path, body in (("POST", "/v1/sync", self.device.make_request()),
                                   ("DELETE", "/v1/devices/self", None),
                                   ("GET", "/v1/records/account/0/history", None),
                                   ("GET", "/v1/records/account/0", None),
                                   ("GET", "/v1/digests", None), ("GET", "/v1/digests/org", None)):
            answer = self.server.ask(method, path, body, {"Authorization": "Bearer x", "Content-Type": FRAMES})
            self.assertRefused(answer, 401, "token")
            self.assertEqual(answer.headers["www-authenticate"], "Bearer")

    def test_signed_out(self):
        leaving = Device(self.server)
        answer = self.server.ask("DELETE", "/v1/devices/self", headers=leaving.headers)
        self.assertEqual((answer.status, answer.body), (204, b""))
        answer = self.server.ask("POST", "/v1/sync", leaving.make_request(), leaving.headers)
        self.assertRefused(answer, 401, "token")

    def test_expectations(self):
        line = self.connect()
        body = self.device.make_request()
        head = "".join(f"{name}: {value}\r\n" for name, value in self.device.headers.items())
        line.send(f"POST /v1/sync HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n{head}"
                  f"Content-Length: {len(body)}\r\n\r\n")
        self.assertEqual(line.read_answer().status, 100)
        line.send(body)
        self.device.take(line.read_answer())

    def test_many_on_one_connection(self):
        line = self.connect()
        for name in ("Bólido", "Chop-suey Chinese"):
            self.assertIn(name, self.device.sync_on(line, name))

    def test_history(self):
        device = Device(self.server)
        answer = self.server.ask("POST", "/v1/sync", device.make_request("Du monde entier"), device.headers)
        puts = [frame["put"] for frame in answer.frames if "put" in frame]
        account = next(put for put in puts if put.get("name") == "Du monde entier")
        path = f"/v1/records/account/{account['id']}/history"
        frames = self.server.ask("GET", path, headers=self.device.headers).frames
        self.assertEqual(frames[-1]["change"]["kind"], "create")
        self.assertRefused(self.server.ask("GET", path.replace("account", "contact"), headers=self.device.headers),
                           404, "not_found")

    def test_plain_http_on_a_tls_port(self):
        with self.server.connect_plain() as stream:
            stream.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertNotIn(b"HTTP", stream.recv(1000))


if __name__ == "__main__":
    unittest.main()
