# SPDX-License-Identifier: GPL-3.0-or-later
"""Lost replies, a killed server, servers that are none: nothing acknowledged is lost, nothing is doubled."""

import http.server
import os
import random
import ssl
import subprocess
import threading
import unittest

import harness
from harness import DONE, FAILED, REFUSED, UNREACHABLE, USAGE


class Transport(harness.TestCase):
    def test_a_group_whose_reply_was_lost_is_applied_once(self):
        self.start_team()
        proxy = harness.Proxy(self.server.port)
        self.addCleanup(proxy.close)
        phone = self.device("anna", "far", url=proxy.url)
        phone.sync()
        account = phone.add("account", name="Once", territory="North", tags="a")
        phone.sync()
        phone.add("note", account=account, body="said once")
        phone.set(account, "phone=1")
        proxy.drop_replies = 1
        lost = phone.run("sync")
        self.assertEqual(proxy.dropped, 1)
        self.assertEqual(lost.code, UNREACHABLE, lost.err)
        self.assertEqual(phone.status()["pending"], 2)
        self.settle(phone, self.laptop)
        self.assertEqual(phone.status()["pending"], 0)
        self.assertEqual(len(self.laptop.list("note")), 1)
        phone_changes = [change for change in phone.do("show", account, "--history", "--json").lines()
                         if change["unit"] == "phone"]
        self.assertEqual(len(phone_changes), 1)

    def test_a_server_killed_in_the_middle_of_a_push(self):
        self.start_team()
        chance = random.Random(7)
        names = []
        for turn in range(6):
            block = []
            for i in range(150):
                names.append(f"turn {turn} number {i}")
                block.append('{"do":"add","type":"account","fields":{"name":"%s","territory":"%s"}}\n'
                             % (names[-1], self.north))
            self.phone.do("batch", "-", stdin="\n".join(block))
            push = subprocess.Popen([harness.SATCHELCTL, "sync", "--json"], env=self.phone.environment,
                                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                push.wait(chance.uniform(0.005, 0.25))
            except subprocess.TimeoutExpired:
                pass
            self.server.kill()
            _, said = push.communicate(timeout=harness.DEADLINE)
            self.assertIn(push.returncode, (DONE, UNREACHABLE), said)
            self.server.start()
        self.settle()
        for device in self.devices:
            self.assertEqual(sorted(row["name"] for row in device.list("account")), sorted(names))
            self.assertEqual(device.conflicts(), [])

    def test_a_client_killed_in_the_middle_of_a_sync(self):
        self.start_team()
        chance = random.Random(11)
        for turn in range(6):
            self.phone.do("batch", "-", stdin="\n".join(
                '{"do":"add","type":"note","fields":{"body":"%d.%d"}}\n' % (turn, i) for i in range(60)))
            push = subprocess.Popen([harness.SATCHELCTL, "sync"], env=self.phone.environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                push.wait(chance.uniform(0.005, 0.2))
            except subprocess.TimeoutExpired:
                push.kill()
                push.wait()
        self.settle()
        bodies = sorted(f"{turn}.{i}" for turn in range(6) for i in range(60))
        for device in (self.phone, self.laptop):
            self.assertEqual(sorted(row["body"] for row in device.list("note")), bodies)

    def test_a_dead_server_loses_nothing(self):
        self.start_team()
        account = self.phone.add("account", name="Later", territory="North")
        self.server.stop()
        result = self.phone.run("sync")
        self.assertEqual(result.code, UNREACHABLE)
        self.assertTrue(result.err.strip())
        self.assertEqual(self.phone.status()["pending"], 1)
        self.server.start()
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["name"], "Later")


class Strangers(harness.TestCase):
    """What enroll says of servers that are not what they should be."""

    def setUp(self):
        super().setUp()
        self.server = self.start_server(like=harness.get_team().server)

    def run_stranger(self, *words, stdin=None):
        folder = os.path.join(self.folder, "stranger")
        os.makedirs(folder, exist_ok=True)
        environment = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder,
                       "SATCHEL_REPLICA": os.path.join(folder, "replica.db")}
        environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        return harness.run([harness.SATCHELCTL, *words], environment, stdin)

    def enroll(self, url, user="anna", password=harness.PASSWORD, ca_file=None):
        words = ["enroll", url, "--user", user, "--password-file", "-"]
        if ca_file is not None:
            words += ["--ca-file", ca_file]
        result = self.run_stranger(*words, stdin=password + "\n")
        if result.code != DONE:
            self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)
        return result

    def test_wrong_password(self):
        self.assertEqual(self.enroll(self.server.url, password="wrong", ca_file=self.server.ca_file).code, REFUSED)

    def test_empty_password(self):
        self.assertEqual(self.enroll(self.server.url, password="", ca_file=self.server.ca_file).code, REFUSED)

    def test_unknown_user(self):
        self.assertEqual(self.enroll(self.server.url, user="nobody", ca_file=self.server.ca_file).code, REFUSED)

    def test_disabled_user(self):
        self.server.run("user", "disable", "anna")
        self.assertEqual(self.enroll(self.server.url, ca_file=self.server.ca_file).code, REFUSED)

    def test_unknown_certificate_authority(self):
        result = self.enroll(self.server.url)
        self.assertEqual(result.code, REFUSED)
        self.assertRegex(result.err, "(?i)certificate")
        self.assertRegex(result.err, "127.0.0.1|localhost|Satchel|Test Traders")

    def test_wrong_certificate_authority(self):
        folder = os.path.join(self.folder, "elsewhere")
        os.makedirs(folder)
        other = harness.Server(folder)
        self.assertEqual(self.enroll(self.server.url, ca_file=other.ca_file).code, REFUSED)

    def test_missing_ca_file(self):
        result = self.enroll(self.server.url, ca_file="/nowhere/ca.pem")
        self.assertEqual(result.code, REFUSED)
        self.assertIn("/nowhere/ca.pem", result.err)

    def test_nobody_listens(self):
        self.server.stop()
        self.assertEqual(self.enroll(self.server.url, ca_file=self.server.ca_file).code, UNREACHABLE)

    def test_no_such_host(self):
        self.assertEqual(self.enroll("https://no-such-host.invalid:1").code, UNREACHABLE)

    def test_not_an_address(self):
        for url in ("ftp://127.0.0.1/", "https://", "not an address", "http://127.0.0.1:1"):
            self.assertIn(self.enroll(url).code, (FAILED, USAGE), url)

    def test_a_server_that_is_not_one(self):
        class Page(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = b"<html>It works!</html>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls = os.path.join(self.server.data_dir, "tls")
        context.load_cert_chain(os.path.join(tls, "server.pem"), os.path.join(tls, "server.key"))
        web.socket = context.wrap_socket(web.socket, server_side=True)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        self.addCleanup(web.server_close)
        self.addCleanup(web.shutdown)
        result = self.enroll(f"https://127.0.0.1:{web.server_port}", ca_file=self.server.ca_file)
        self.assertEqual(result.code, FAILED)
        self.assertIn("Satchel", result.err)

    def test_expired_token(self):
        self.server.stop()
        self.server.start("--token-lifetime", "0")
        self.assertEqual(self.enroll(self.server.url, ca_file=self.server.ca_file).code, DONE)
        self.run_stranger("add", "note", "body=kept")
        self.assertEqual(self.run_stranger("sync").code, REFUSED)
        self.assertEqual(self.run_stranger("status", "--json").json()["pending"], 1)


if __name__ == "__main__":
    unittest.main()
