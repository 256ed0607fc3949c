# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting to serve, in all ways, and not starting."""

import os
import signal
import socket
import stat
import subprocess
import time
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


class Activation(ServingTest):
    """Started as systemd does it: with sockets that listen already, and somebody who wants to hear that it is ready."""

    def start(self, server, *listeners, process="$$", notify=None):
        """The sockets are files 3 and up; who starts it names the process that they are for."""

        def hand_over():
            for number, listener in enumerate(listeners):
                os.dup2(listener.fileno(), 40 + number)
            for number in range(len(listeners)):
                os.dup2(40 + number, 3 + number)

        script = f'export LISTEN_PID={process} LISTEN_FDS={len(listeners)}; exec "$@"'
        command = ["sh", "-c", script, "sh", *server.command("serve", *server.options)]
        environment = dict(os.environ, **({"NOTIFY_SOCKET": notify} if notify else {}))
        server.log = open(os.path.join(server.folder, "log"), "a+")
        server.process = subprocess.Popen(command, env=environment, preexec_fn=hand_over,
                                          pass_fds=range(3, 3 + len(listeners)), stdout=subprocess.PIPE,
                                          stderr=server.log, text=True)
        server.url = server.process.stdout.readline().split()[-1]
        return server

    def test_a_socket_in_the_file_system(self):
        server = self.make(plain=True)
        path = os.path.join(server.folder, "given")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            self.start(server, listener)
            self.assertEqual(server.url, f"unix:{path}")
            self.assertServes(server)
        self.assertTrue(stat.S_ISSOCK(os.stat(path).st_mode), "it is not the server's to remove")

    def test_an_address_with_tls(self):
        server = self.make()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.start(server, listener)
            self.assertEqual(server.url, f"https://127.0.0.1:{listener.getsockname()[1]}")
            self.assertServes(server)

    def test_two_addresses(self):
        server = self.make()
        with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
            self.start(server, first, second)
            for listener in (first, second):
                server.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
                self.assertEqual(server.ask("GET", "/readyz").status, 200)
            self.assertServes(server)

    def test_not_in_the_open_without_tls(self):
        server = self.make("--behind-proxy", plain=True)
        with socket.create_server(("0.0.0.0", 0)) as listener:
            with self.assertRaises(IndexError):
                self.start(server, listener)
        self.assertEqual(server.process.wait(PATIENCE), 2)
        self.assertIn("without TLS", server.read_log())

    def test_sockets_for_another_process(self):
        server = self.make()
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.start(server, listener, process="1")
            self.assertNotEqual(server.url, f"https://127.0.0.1:{listener.getsockname()[1]}")
            self.assertServes(server)

    def test_what_is_told(self):
        server = self.make()
        for address in (os.path.join(server.folder, "notify"), "@satchel-" + os.path.basename(server.folder)):
            with self.subTest(address), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
                told.bind(address.replace("@", "\0", 1) if address[0] == "@" else address)
                told.settimeout(PATIENCE)
                with socket.create_server(("127.0.0.1", 0)) as listener:
                    self.start(server, listener, notify=address)
                    self.assertEqual(told.recv(100), b"READY=1")
                    self.assertServes(server)
                    self.assertEqual(told.recv(100), b"STOPPING=1")


class Stopping(ServingTest):
    def test_as_soon_as_one_can_connect(self):
        server = self.make(plain=True)
        for turn in range(10):
            path = os.path.join(server.folder, f"socket {turn}")
            process = subprocess.Popen(server.command("serve", "--listen", f"unix:{path}"), stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL)
            end = time.monotonic() + PATIENCE
            while not os.path.exists(path):
                self.assertLess(time.monotonic(), end)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)
            process.stdout.close()
            self.assertFalse(os.path.exists(path))


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
