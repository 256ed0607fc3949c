# SPDX-License-Identifier: GPL-3.0-or-later
"""Devices prove that they hold what the server has, and mend themselves where they do not."""

import contextlib
import os
import sqlite3
import ssl
import unittest
import urllib.error
import urllib.request

import harness
from harness import DONE, FAILED, REFUSED, UNREACHABLE


class Verify(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start_team()

    def verify(self, device, codes=(DONE,)):
        return device.do("verify", "--json", codes=codes).json()

    def assert_equal(self, device):
        found = self.verify(device)
        self.assertEqual((found["equal"], found["repaired"]), (True, 0))
        return found

    def assert_repairs(self, device, n):
        found = self.verify(device)
        self.assertEqual((found["equal"], found["repaired"]), (True, n))
        self.assert_equal(device)

    @contextlib.contextmanager
    def damage(self, device):
        """The replica's file, behind satchelctl's back."""
        database = sqlite3.connect(device.replica)
        with database:
            yield database
        database.close()

    def work(self):
        """A bit of everything: accounts, what hangs on them, something binned, moved, in conflict."""
        accounts = [self.phone.add("account", name=f"Café {i}", phone=f"030 {i}", territory="North", tags="vip,süß")
                    for i in range(6)]
        self.settle()
        notes = [self.other.add("note", account=account, body="eins\nzwei\n") for account in accounts[:3]]
        self.phone.add("note", account=accounts[4], body="for me", private="true")
        self.settle()
        self.phone.do("delete", accounts[5])
        self.laptop.do("delete", notes[0])
        self.phone.set(accounts[0], "phone=111")
        self.other.set(accounts[0], "phone=222")
        self.settle()
        return accounts, notes

    def test_equal_after_work(self):
        self.work()
        self.assertEqual(len(self.phone.conflicts()), 1)
        found = [self.assert_equal(device) for device in self.devices]
        self.assertEqual(found[0], found[1])
        self.assertGreater(found[0]["records"], 10)
        # The private note is anna's alone.
        self.assertEqual(found[0]["records"], found[2]["records"] + 1)

    def test_pending_work_is_sent_and_equal(self):
        accounts, _ = self.work()
        self.phone.set(accounts[1], "phone=999")
        self.phone.add("account", name="New", territory="North")
        self.assert_equal(self.phone)
        self.assertEqual(self.phone.status()["pending"], 0)
        self.laptop.sync()
        self.assertEqual(self.laptop.show(accounts[1])["phone"], "999")

    def test_says_so_in_words(self):
        self.work()
        words = self.phone.do("verify").out
        self.assertRegex(words, r"^\d+ buckets, [\d,.]+ records, all equal\n$")
        with self.damage(self.phone) as database:
            database.execute("UPDATE account SET name = 'x'")
        self.assertRegex(self.phone.do("verify").out, r"^\d+ buckets, [\d,.]+ records, 6 repaired\n$")

    def add_bogus(self, device, like, number):
        bogus = f"01890000-0000-7000-8000-{number:012x}"
        with self.damage(device) as database:
            names = [row[1] for row in database.execute("PRAGMA table_info (account)") if row[1] not in ("_key", "id")]
            columns = ", ".join(f'"{name}"' for name in names)
            database.execute(f"INSERT INTO account (id, {columns}) SELECT ?, {columns} FROM account WHERE id = ?",
                             (bogus, like))
        return bogus

    def test_damage_of_every_kind_is_repaired(self):
        accounts, notes = self.work()
        with self.subTest("a changed value"):
            with self.damage(self.phone) as database:
                database.execute("UPDATE account SET phone = '666' WHERE id = ?", (accounts[2],))
            self.assert_repairs(self.phone, 1)
            self.assertEqual(self.phone.show(accounts[2])["phone"], "030 2")
        with self.subTest("lost rows"):
            with self.damage(self.phone) as database:
                database.execute("DELETE FROM account WHERE id = ?", (accounts[3],))
                database.execute("DELETE FROM note WHERE id IN (?, ?)", (notes[1], notes[2]))
            self.assert_repairs(self.phone, 3)
            self.assert_same_everywhere(accounts[3])
            self.assert_same_everywhere(notes[1])
            found = self.phone.do("search", "Café 3", "--json").lines()
            self.assertEqual([row["id"] for row in found], [accounts[3]])
        with self.subTest("a bogus row"):
            bogus = self.add_bogus(self.phone, accounts[0], 1)
            self.assertEqual(self.phone.run("show", bogus).code, DONE)
            self.assert_repairs(self.phone, 1)
            self.assertEqual(self.phone.run("show", bogus).code, FAILED)
            self.assertEqual(len(self.phone.list("account")), 5)
        with self.subTest("a row in a bucket that is not its own"):
            with self.damage(self.phone) as database:
                database.execute("INSERT INTO _bucket (name) VALUES ('territory:elsewhere')")
                database.execute("UPDATE account SET _bucket = last_insert_rowid () WHERE id = ?", (accounts[1],))
            self.assert_repairs(self.phone, 1)
            self.assert_same_everywhere(accounts[1])
        self.assertEqual(self.assert_equal(self.phone), self.assert_equal(self.laptop))

    def test_work_on_what_is_repaired_is_kept(self):
        accounts, _ = self.work()
        bogus = self.add_bogus(self.phone, accounts[0], 1)
        self.phone.set(accounts[2], "email=a@b.example")
        self.phone.set(bogus, "email=lost@b.example")
        with self.damage(self.phone) as database:
            database.execute("UPDATE _base SET body = json_set (body, '$.phone', '666') WHERE id = ?", (accounts[2],))
        found = self.verify(self.phone)
        self.assertTrue(found["equal"])
        entry, = self.phone.tray()
        self.assertEqual(entry["mutations"][0]["id"], bogus)
        self.settle()
        shown = self.assert_same_everywhere(accounts[2])
        self.assertEqual((shown["phone"], shown["email"]), ("030 2", "a@b.example"))

    def test_a_server_that_lost_much_takes_nothing_away(self):
        accounts, _ = self.work()
        for number in range(60):
            self.add_bogus(self.phone, accounts[0], number + 1)
        result = self.phone.run("verify")
        self.assertEqual(result.code, FAILED)
        self.assertIn("60", result.err)
        self.assertEqual(len(self.phone.list("account", "--limit", "200")), 65)

    def test_without_a_server(self):
        self.server.stop()
        self.assertEqual(self.phone.run("verify").code, UNREACHABLE)

    def test_of_a_device_that_was_revoked(self):
        self.server.run("device", "revoke", self.phone.status()["device"])
        self.assertEqual(self.phone.run("verify").code, REFUSED)

    def token(self, device):
        """Of its file: no keyring runs here."""
        path, = [os.path.join(where, name) for where, _, names in os.walk(os.path.join(device.folder, "data"))
                 for name in names if "token" in os.path.join(where, name)]
        with open(path, encoding="utf-8") as file:
            return file.read().strip()

    def trust(self):
        context = ssl.create_default_context(cafile=self.server.ca_file)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def status_of(self, device, path):
        request = urllib.request.Request(self.server.url + path,
                                         headers={"Authorization": f"Bearer {self.token(device)}"})
        try:
            with urllib.request.urlopen(request, context=self.trust()) as got:
                return got.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def test_nobody_compares_what_they_may_not_see(self):
        accounts, notes = self.work()
        for path in (f"/v1/digests/territory:{self.north}", f"/v1/digests/territory:{self.north}/{accounts[0]}",
                     f"/v1/records/account/{accounts[0]}", f"/v1/records/note/{notes[1]}", "/v1/digests"):
            self.assertEqual(self.status_of(self.other, path), 200, path)
        carla = self.device("carla", "carla")
        self.assertEqual(self.status_of(carla, f"/v1/digests/territory:{self.south}"), 200)
        for path in (f"/v1/digests/territory:{self.north}", f"/v1/digests/territory:{self.north}/{accounts[0]}",
                     f"/v1/records/account/{accounts[0]}", f"/v1/records/note/{notes[1]}",
                     "/v1/digests/territory:nowhere", "/v1/digests/", "/v1/digests//x", "/v1/digests/org/"):
            self.assertEqual(self.status_of(carla, path), 404, path)
        self.assertEqual(self.status_of(self.other, f"/v1/records/note/{accounts[0]}"), 404)


if __name__ == "__main__":
    unittest.main()
