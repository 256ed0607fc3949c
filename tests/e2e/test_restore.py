# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup while the server serves, and a server that is brought back from it: devices bring back what it lost."""

import glob
import os
import shutil
import stat
import unittest

import harness
from harness import FAILED, REFUSED


class Restore(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start_team()
        self.backup = os.path.join(self.folder, "backup.db")
        self.account = self.phone.add("account", name="Alpha", phone="0", territory="North")
        self.settle()

    def restore(self, *arguments):
        self.server.stop()
        result = self.server.run("restore", self.backup, *arguments)
        self.server.start()
        return result

    def assert_equal(self, *devices):
        for device in devices or self.devices:
            self.assertTrue(device.do("verify", "--json").json()["equal"])

    def test_work_since_the_backup_comes_back(self):
        self.server.run("backup", self.backup)
        self.assertEqual(stat.S_IMODE(os.stat(self.backup).st_mode), 0o600)
        self.phone.set(self.account, "phone=1")
        note = self.phone.add("note", account=self.account, title="Talk", body="eins\n")
        self.settle()
        self.other.set(self.account, "email=o@example.org")
        self.other.sync()
        self.laptop.set(note, "body=eins\nzwei\n")

        said = self.restore("--verify").err
        self.assertIn("is kept as", said)
        self.settle()

        self.assertEqual(self.assert_same_everywhere(self.account)["phone"], "1")
        self.assertEqual(self.assert_same_everywhere(self.account)["email"], "o@example.org")
        self.assertEqual(self.assert_same_everywhere(note)["body"], "eins\nzwei\n")
        self.assertEqual(self.phone.conflicts(), [])
        self.assertEqual([device.tray() for device in self.devices], [[], [], []])
        self.assert_equal()

    def test_the_lost_phone_is_remembered_by_the_others(self):
        self.server.run("backup", self.backup)
        beta = self.phone.add("account", name="Beta", territory="North")
        contact = self.phone.add("contact", account=beta, family_name="Anders")
        self.settle()
        self.devices.remove(self.phone)

        self.restore()
        self.settle()

        self.assertEqual(self.assert_same_everywhere(contact)["family_name"], "Anders")
        self.assert_equal()

    def test_two_truths_are_a_conflict(self):
        self.server.run("backup", self.backup)
        self.phone.set(self.account, "phone=1")
        self.phone.sync()
        self.restore()
        fresh = self.device("boris", "fresh")
        fresh.set(self.account, "phone=2")
        fresh.sync()
        self.settle(fresh, *self.devices)

        conflict, = self.phone.conflicts()
        self.assertEqual(self.phone.show(self.account)["phone"], "2")
        self.assertEqual([value["fields"]["phone"] for value in conflict["values"]], ["1"])
        self.assert_equal()

    def test_a_device_of_after_the_backup_enrols_again(self):
        self.server.run("backup", self.backup)
        late = self.device("boris", "late")
        late.set(self.account, "phone=1")
        late.sync()
        late.set(self.account, "email=late@example.org")
        self.restore()

        self.assertEqual(late.run("sync").code, REFUSED)
        self.assertEqual(late.status()["pending"], 1)
        late.enroll()
        late.sync()
        self.settle()

        self.assertEqual(self.assert_same_everywhere(self.account, [late, *self.devices])["phone"], "1")
        self.assertEqual(self.phone.show(self.account)["email"], "late@example.org")
        self.assert_equal(late, *self.devices)

    def test_only_while_nobody_serves(self):
        self.server.run("backup", self.backup)
        refused = self.server.run("restore", self.backup, check=False)
        self.assertEqual(refused.code, FAILED)
        self.assertIn("stop it first", refused.err)
        self.assertEqual(self.phone.sync()["refused"], 0)

    def test_bad_backups_change_nothing(self):
        self.server.run("backup", self.backup)
        again = self.server.run("backup", self.backup, check=False)
        self.assertEqual(again.code, FAILED)
        self.server.stop()
        broken = os.path.join(self.folder, "broken.db")
        with open(broken, "wb") as file:
            file.write(b"This is no backup. " * 1000)
        torn = os.path.join(self.folder, "torn.db")
        shutil.copy(self.backup, torn)
        with open(torn, "r+b") as file:
            file.seek(4096)
            file.write(b"x" * 8192)
        before = self.server.run("user", "list").out
        for bad in (broken, torn, os.path.join(self.folder, "missing.db")):
            refused = self.server.run("restore", bad, "--verify", check=False)
            self.assertEqual((refused.code, bad in refused.err or "damaged" in refused.err), (FAILED, True), refused.err)
        self.assertEqual(self.server.run("user", "list").out, before)
        self.assertEqual(glob.glob(os.path.join(self.server.data_dir, "*restoring*")), [])
        self.assertEqual(glob.glob(os.path.join(self.server.data_dir, "*before-*")), [])
        self.server.start()
        self.phone.sync()


if __name__ == "__main__":
    unittest.main()
