# SPDX-License-Identifier: GPL-3.0-or-later
"""Invitations by a code or a link, and tokens that are renewed before they end."""

import os
import sqlite3
import time

import harness
from harness import DONE, REFUSED, UNREACHABLE, USAGE, WAITING


class EnrolmentTest(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.server = self.start_server(like=harness.get_team().server)

    def fresh(self, name):
        device = harness.Device(self.folder, self.server, "anna", name)
        device.environment["SATCHEL_TOKEN_STORE"] = "file"
        return device

    def invite(self, user="anna", *options):
        code, *link = self.server.run("user", "invite", user, "--listen", f"127.0.0.1:{self.server.port}",
                                      *options).out.splitlines()
        return code, link[0] if link else None

    def change_store(self, sql, *values):
        store = sqlite3.connect(os.path.join(self.server.data_dir, "satchel.db"))
        with store:
            store.execute(sql, values)
        store.close()

    def fail_to_enroll(self, device, *words, code=REFUSED):
        result = device.run("enroll", *words)
        self.assertEqual(result.code, code, result.err)
        self.assertEqual(len(result.err.strip().splitlines()), 1, result.err)
        return result.err


class Invitations(EnrolmentTest):
    def test_a_link_is_all_that_is_needed(self):
        code, link = self.invite()
        self.assertRegex(code, r"^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$")
        phone = self.fresh("phone")
        phone.do("enroll", link)
        phone.sync()
        self.assertEqual(phone.status()["user"], "anna")
        account = phone.add("account", name="By invitation", territory=harness.get_team().north)
        phone.sync()
        self.assertEqual(phone.show(account)["name"], "By invitation")

    def test_on_a_new_computer(self):
        """Where nothing of ours was ever before."""
        code, _ = self.invite()
        phone = self.fresh("phone")
        del phone.environment["SATCHEL_REPLICA"]
        phone.do("enroll", self.server.url, "--code", code, "--ca-file", self.server.ca_file)
        phone.sync()

    def test_only_once(self):
        code, link = self.invite()
        self.fresh("phone").do("enroll", link)
        self.assertIn("code", self.fail_to_enroll(self.fresh("again"), link))
        self.assertIn("code", self.fail_to_enroll(self.fresh("typed"), self.server.url, "--code", code, "--ca-file",
                                                  self.server.ca_file))

    def test_a_code_however_it_is_typed(self):
        code, _ = self.invite()
        phone = self.fresh("phone")
        phone.do("enroll", self.server.url, "--code", code.replace("-", " ").lower().replace("0", "o").replace("1", "l"),
                 "--ca-file", self.server.ca_file)
        phone.sync()

    def test_choosing_a_password(self):
        password = os.path.join(self.folder, "chosen")
        with open(password, "w", encoding="utf-8") as file:
            file.write("my very own\n")
        self.server.run("user", "add", "newcomer", "--territory", "North")
        code, link = self.invite("newcomer")
        self.fresh("phone").do("enroll", link, "--password-file", password)
        laptop = self.fresh("laptop")
        laptop.do("enroll", self.server.url, "--user", "newcomer", "--password-file", password, "--ca-file",
                  self.server.ca_file)
        laptop.sync()

    def test_without_one_the_old_password_stays(self):
        _, link = self.invite()
        self.fresh("phone").do("enroll", link)
        self.device("anna", "laptop").sync()

    def test_wrong_expired_replaced(self):
        words = (self.server.url, "--ca-file", self.server.ca_file, "--code")
        for n, wrong in enumerate(("0000-0000-0000", "no code at all", "")):
            self.assertIn("code", self.fail_to_enroll(self.fresh(f"wrong {n}"), *words, wrong))
        first, _ = self.invite()
        second, _ = self.invite()
        self.fail_to_enroll(self.fresh("first"), *words, first)
        self.change_store("UPDATE invitation SET expires = ?", int(time.time()) - 1)
        self.fail_to_enroll(self.fresh("second"), *words, second)
        disabled, _ = self.invite()
        self.server.run("user", "disable", "anna")
        self.fail_to_enroll(self.fresh("disabled"), *words, disabled)

    def test_guessing_is_limited_like_passwords(self):
        guesser = self.fresh("guesser")
        words = ("enroll", self.server.url, "--ca-file", self.server.ca_file, "--code")
        codes = [guesser.run(*words, f"0000-0000-{n:04}").code for n in range(11)]
        self.assertEqual(codes, [REFUSED] * 10 + [UNREACHABLE])
        self.assertIn('reason=limited', self.server.read_log())

    def test_links_that_are_not_whole(self):
        _, link = self.invite()
        for n, bad in enumerate((
                "satchel:", "satchel:connect", "satchel:connect?", "satchel:connect?server=https%3A%2F%2Fa",
                "satchel:account/1", link[:-1], link.replace("server=", "sender="), link.replace("code=", "cod="))):
            with self.subTest(bad):
                self.fail_to_enroll(self.fresh(f"bad {n}"), bad, code=USAGE)

    def test_another_server_gets_nothing(self):
        code, link = self.invite()
        start = link.index("&authority=") + len("&authority=")
        other = link[:start] + "0" * 64
        before = self.server.read_log()
        self.assertIn("invitation", self.fail_to_enroll(self.fresh("phone"), other))
        self.assertEqual(self.server.read_log(), before)
        self.fresh("later").do("enroll", link)

    def test_the_code_is_kept_hashed(self):
        code, _ = self.invite()
        with open(os.path.join(self.server.data_dir, "satchel.db"), "rb") as file:
            kept = file.read()
        with open(os.path.join(self.server.data_dir, "satchel.db-wal"), "rb") as file:
            kept += file.read()
        self.assertNotIn(code.encode(), kept)
        self.assertNotIn(code.replace("-", "").encode(), kept)

    def test_inviting(self):
        for words, code in ((("nobody",), 1), (("anna", "--expires", "0"), 2), (("anna", "--expires", "20000"), 2)):
            self.assertEqual(self.server.run("user", "invite", *words, check=False).code, code)
        code, link = self.invite("anna", "--url", "https://crm.example.com")
        self.assertIn("server=https%3A%2F%2Fcrm.example.com&", link)
        told = self.server.run("user", "invite", "anna", "--behind-proxy")
        self.assertEqual(len(told.out.splitlines()), 1)
        self.assertIn("--url", told.err)
        told = self.server.run("user", "invite", "anna", "--json", "--url", "https://crm.example.com").json()
        self.assertIn(told["code"], told["link"])


class Tokens(EnrolmentTest):
    def age(self):
        self.change_store("UPDATE device SET token_expires = ?", int(time.time()) + 3600)

    def read_token(self, device):
        folder = os.path.join(device.folder, "data", "satchel", "tokens")
        with open(os.path.join(folder, os.listdir(folder)[0]), encoding="utf-8") as file:
            return file.read()

    def write_token(self, device, token):
        folder = os.path.join(device.folder, "data", "satchel", "tokens")
        with open(os.path.join(folder, os.listdir(folder)[0]), "w", encoding="utf-8") as file:
            file.write(token)

    def enroll(self):
        phone = self.fresh("phone")
        phone.enroll()
        phone.sync()
        return phone

    def test_renewed_within_a_sync(self):
        phone = self.enroll()
        first = self.read_token(phone)
        phone.sync()
        self.assertEqual(self.read_token(phone), first)
        self.age()
        phone.sync()
        second = self.read_token(phone)
        self.assertNotEqual(second, first)
        self.assertIn("event=token-renewed", self.server.read_log())
        phone.sync()
        self.assertEqual(self.read_token(phone), second)

    def test_the_old_one_is_good_until_the_new_one_was_used(self):
        phone = self.enroll()
        first = self.read_token(phone)
        self.age()
        phone.sync()
        second = self.read_token(phone)

        # As if the new one had never arrived: the next one takes its place.
        self.write_token(phone, first)
        phone.sync()
        third = self.read_token(phone)
        self.assertNotIn(third, (first, second))
        self.write_token(phone, second)
        self.assertEqual(phone.run("sync").code, REFUSED)

        self.write_token(phone, third)
        phone.do("add", "note", "body=written with the new one")
        phone.sync()
        self.write_token(phone, first)
        self.assertEqual(phone.run("sync").code, REFUSED)
        self.write_token(phone, third)
        phone.sync()

    def test_used_in_a_sync_that_sends_nothing(self):
        phone = self.enroll()
        first = self.read_token(phone)
        self.age()
        phone.sync()
        phone.sync()
        second = self.read_token(phone)
        self.write_token(phone, first)
        end = time.monotonic() + harness.DEADLINE
        while phone.run("sync").code != REFUSED:
            self.assertLess(time.monotonic(), end)
        self.write_token(phone, second)
        phone.sync()

    def test_revoking_ends_both(self):
        phone = self.enroll()
        self.age()
        first = self.read_token(phone)
        phone.sync()
        self.server.run("device", "revoke", phone.status()["device"])
        self.assertEqual(phone.run("sync").code, REFUSED)
        self.write_token(phone, first)
        self.assertEqual(phone.run("sync").code, REFUSED)

    def test_an_expired_one(self):
        phone = self.enroll()
        phone.do("add", "note", "body=kept")
        self.change_store("UPDATE device SET token_expires = ?", int(time.time()) - 1)
        self.assertEqual(phone.run("sync").code, REFUSED)
        self.assertEqual(phone.status()["pending"], 1)
        phone.enroll()
        phone.do("sync", codes=(DONE, WAITING))
        self.assertEqual(phone.status()["pending"], 0)
