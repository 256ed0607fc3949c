# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting to serve, in all ways, and not starting."""

import os
import signal
import socket
import stat
import subprocess
import unittest

from satchel_server import PATIENCE, PROGRAM, Server


class ServingTest(unittest.TestCase):
    def make(self, *options, **more):
        server = Server(*options, **more)
        self.addCleanup(server.remove)
        return server

    def assertServes(self, server):
        self.assertEqual(server.ask("GET", "/readyz").body, b"ok\n")
        code, rest = server.stop()
        self.assertEqual((code, rest), (0, ""), server.read_log_end())

    def fail_to_serve(self, server, *options):
        command = server.command("serve", *options)
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr.strip(), r"\.$")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.returncode, done.stderr


class Serving(ServingTest):
    def test_tls(self):
        server = self.make().start()
        self.assertRegex(server.url, r"^https://127\.0\.0\.1:[1-9][0-9]*$")
        self.assertServes(server)

    def test_behind_a_proxy(self):
        server = self.make("--behind-proxy", plain=True).start()
        self.assertRegex(server.url, r"^http://127\.0\.0\.1:[1-9][0-9]*$")
        self.assertServes(server)

    def test_by_name(self):
        server = self.make(listen="localhost:0").start()
        self.assertRegex(server.url, r"^https://localhost:[1-9][0-9]*$")
        self.assertServes(server)

    def test_ipv6(self):
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError:
            self.skipTest("there is no IPv6 here")
        server = self.make("--behind-proxy", listen="[::1]:0", plain=True).start()
        self.assertRegex(server.url, r"^http://\[::1\]:[1-9][0-9]*$")
        with socket.create_connection(("::1", int(server.url.rsplit(":", 1)[1])), PATIENCE) as stream:
            stream.sendall(b"GET /healthz HTTP/1.0\r\nHost: [::1]\r\n\r\n")
            self.assertTrue(stream.recv(1000).startswith(b"HTTP/1.0 200"))

    def test_interrupted(self):
        self.assertEqual(self.make().start().stop(signal.SIGINT), (0, ""))

    def test_killed_and_started_again(self):
        server = self.make().start()
        server.stop(signal.SIGKILL)
        self.assertServes(server.start())

    def test_port_in_use(self):
        server = self.make().start()
        listen = server.url[len("https://") :]
        code, message = self.fail_to_serve(server, "--listen", listen)
        self.assertEqual(code, 1)
        self.assertIn("in use", message)
        self.assertServes(server)

    def test_no_certificate(self):
        server = self.make(plain=True)
        code, message = self.fail_to_serve(server)
        self.assertEqual(code, 1)
        self.assertIn("satchel-server certificate", message)

    def test_certificate_that_is_none(self):
        server = self.make()
        with open(os.path.join(server.folder, "tls", "server.pem"), "w") as file:
            file.write("nothing\n")
        self.assertEqual(self.fail_to_serve(server)[0], 1)

    def test_key_for_everyone(self):
        server = self.make()
        os.chmod(os.path.join(server.folder, "tls", "server.key"), 0o644)
        code, message = self.fail_to_serve(server)
        self.assertEqual(code, 1)
        self.assertIn("chmod", message)

    def test_nothing_public_without_tls(self):
        code, message = self.fail_to_serve(self.make(plain=True), "--listen", "0.0.0.0:0", "--behind-proxy")
        self.assertEqual(code, 2)
        self.assertIn("TLS", message)

    def test_nowhere_to_listen(self):
        for listen in ("8443", "127.0.0.1:", "127.0.0.1:99999", "::1:80", "unix:", "unix:/" + "a" * 200, ":80"):
            with self.subTest(listen):
                self.assertEqual(self.fail_to_serve(self.make(plain=True), "--behind-proxy", "--listen", listen)[0], 2)

    def test_unknown_name(self):
        code, _ = self.fail_to_serve(self.make(plain=True), "--behind-proxy", "--listen", "no-such-host.invalid:0")
        self.assertEqual(code, 1)

    def test_numbers(self):
        for option in ("--head-timeout", "--connections", "--connections-per-address"):
            self.assertEqual(self.fail_to_serve(self.make(plain=True), "--behind-proxy", option, "some")[0], 2)

    def test_no_store(self):
        done = subprocess.run([PROGRAM, "serve", "--data-dir", "/nonexistent", "--behind-proxy"], capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("init", done.stderr)


class UnixSocket(ServingTest):
    def setUp(self):
        self.server = self.make(plain=True)
        self.path = os.path.join(self.server.folder, "socket")
        self.server.options = ["--listen", f"unix:{self.path}"]

    def test_socket(self):
        self.server.start()
        self.assertEqual(self.server.url, f"unix:{self.path}")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o660)
        self.assertServes(self.server)
        self.assertFalse(os.path.exists(self.path))

    def test_old_http_without_a_host(self):
        self.server.start()
        with self.server.connect_plain() as stream:
            stream.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            self.assertTrue(stream.recv(1000).startswith(b"HTTP/1.1 400"))
        self.assertServes(self.server)

    def test_left_behind(self):
        self.server.start().stop(signal.SIGKILL)
        self.assertTrue(os.path.exists(self.path))
        self.assertServes(self.server.start())

    def test_in_use(self):
        self.server.start()
        code, message = self.fail_to_serve(self.server, "--listen", f"unix:{self.path}")
        self.assertEqual(code, 1)
        self.assertIn("in use", message)
        self.assertServes(self.server)

    def test_something_else(self):
        with open(self.path, "w") as file:
            file.write("precious")
        code, message = self.fail_to_serve(self.server, "--listen", f"unix:{self.path}")
        self.assertEqual(code, 1)
        with open(self.path) as file:
            self.assertEqual(file.read(), "precious")


if __name__ == "__main__":
    unittest.main()
