# SPDX-License-Identifier: GPL-3.0-or-later
"""The server on PostgreSQL: carried there and back, served by two processes, backed up and brought back."""

import os
import subprocess
import unittest

import harness
from harness import FAILED


class Cluster:
    """A PostgreSQL of one's own. It ends with whoever made it, however that ends."""

    def __init__(self):
        self.process = subprocess.Popen(["setsid", os.environ["SATCHEL_POSTGRES_CLUSTER"]], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.folder = self.process.stdout.readline().strip()

    def make_database(self, name):
        subprocess.run(["psql", "-q", "-h", self.folder, "-U", "satchel", "-d", "postgres", "-c",
                        f"CREATE DATABASE {name}"], check=True)
        return f"postgresql://satchel@/{name}?host={self.folder}"

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Postgres(harness.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()
        cls.addClassCleanup(cls.cluster.stop)

    def setUp(self):
        super().setUp()
        self.start_team()
        self.account = self.phone.add("account", name="Alpha", phone="0", territory="North")
        self.settle()
        self.database = self.cluster.make_database(self._testMethodName)

    def migrate(self, start, end, check=True):
        return self.server.run("migrate", "--from", start, "--to", end, check=check)

    @property
    def file(self):
        return f"sqlite:{self.server.data_dir}/satchel.db"

    def move_to_postgres(self):
        self.server.stop()
        self.migrate(self.file, self.database)
        self.server.start("--database", self.database)

    def start_second(self):
        folder = os.path.join(self.folder, "second")
        os.makedirs(folder)
        second = harness.Server(folder, like=self.server)
        second.start("--database", self.database)
        self.addCleanup(second.stop)
        return second

    def assert_equal(self, *devices):
        for device in devices or self.devices:
            self.assertTrue(device.do("verify", "--json").json()["equal"])

    def test_two_processes_on_one_database(self):
        self.move_to_postgres()
        second = self.start_second()
        tablet = self.device("anna", "tablet", server=second)
        everybody = [*self.devices, tablet]

        self.phone.set(self.account, "phone=1")
        self.phone.sync()
        tablet.sync()
        self.assertEqual(tablet.show(self.account)["phone"], "1")
        tablet.set(self.account, "email=o@example.org")
        note = tablet.add("note", account=self.account, title="Talk", body="eins\n")
        self.settle(*everybody)
        self.assert_same_everywhere(self.account, everybody)
        self.assert_same_everywhere(note, everybody)

        # One of them is killed: the other goes on, and what came meanwhile is there when it is back.
        self.server.kill()
        tablet.set(self.account, "phone=2")
        tablet.sync()
        self.server.start("--database", self.database)
        self.settle(*everybody)
        self.assertEqual(self.assert_same_everywhere(self.account, everybody)["phone"], "2")
        self.assert_equal(*everybody)

    def test_there_and_back(self):
        self.move_to_postgres()
        self.phone.set(self.account, "phone=1")
        self.settle()

        there = f"sqlite:{self.folder}/back.db"
        refused = self.migrate(self.database, there, check=False)
        self.assertEqual(refused.code, FAILED)
        self.assertIn("is at work", refused.err)
        self.assertFalse(os.path.exists(f"{self.folder}/back.db"))
        again = self.server.run("init", "--database", self.database, check=False)
        self.assertEqual(again.code, FAILED)

        self.server.stop()
        again = self.migrate(self.file, self.database, check=False)
        self.assertEqual(again.code, FAILED)
        self.assertIn("already", again.err)
        self.migrate(self.database, there)
        self.server.start("--database", there)
        self.laptop.set(self.account, "email=o@example.org")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(self.account)["phone"], "1")
        self.assert_equal()

    def test_work_since_the_backup_comes_back(self):
        self.move_to_postgres()
        backup = os.path.join(self.folder, "backup.db")
        self.server.run("backup", backup, "--database", self.database)
        self.assertEqual(os.stat(backup).st_mode & 0o777, 0o600)
        self.phone.set(self.account, "phone=1")
        note = self.phone.add("note", account=self.account, title="Talk", body="eins\n")
        self.settle()

        busy = self.server.run("restore", backup, "--verify", "--database", self.database, check=False)
        self.assertEqual(busy.code, FAILED)
        self.server.stop()
        said = self.server.run("restore", backup, "--verify", "--database", self.database).err
        self.assertIn("is kept as satchel_before", said)
        self.server.start("--database", self.database)
        self.settle()
        self.settle()
        self.assertEqual(self.assert_same_everywhere(self.account)["phone"], "1")
        self.assert_same_everywhere(note)
        self.assertEqual([device.tray() for device in self.devices], [[], [], []])
        self.assert_equal()


if __name__ == "__main__":
    unittest.main()
