# SPDX-License-Identifier: GPL-3.0-or-later
"""A server whose disk is full, fails, cannot be written to or is damaged: it says so, keeps its word, and goes on."""

import os
import resource
import shutil
import sqlite3
import subprocess
import unittest

from satchel_server import PATIENCE, PROGRAM, Device, Server

N_MANY = 40
PAGE = 4096

# A file system of its own, that only the server sees.
MOUNT = 'mount -t tmpfs -o size=$1 tmpfs "$2" && cp "$3"/satchel.db "$2" && shift 3 && exec "$@"'
UNSHARE = ["unshare", "--user", "--map-root-user", "--mount"]


def can_mount():
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


class SmallServer(Server):
    """Its store is on a small disk."""

    size = "2m"

    @property
    def disk(self):
        return os.path.join(self.folder, "disk")

    def command(self, *words):
        command = super().command(*words)
        if words[0] != "serve":
            return command
        os.makedirs(self.disk, exist_ok=True)
        return [*UNSHARE, "sh", "-c", MOUNT, "sh", self.size, self.disk, self.folder, *command, "--database",
                f"sqlite:{self.disk}/satchel.db"]

    @property
    def ballast(self):
        return f"/proc/{self.process.pid}/root{self.disk}/ballast"

    def fill(self):
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(PAGE))
            except OSError:
                pass

    def make_room(self):
        os.unlink(self.ballast)


class DiskTest(unittest.TestCase):
    def make(self, kind=Server):
        server = kind()
        self.addCleanup(server.remove)
        server.add_user("nancy")
        server.start()
        self.phone = Device(server)
        self.laptop = Device(server)
        self.phone.sync("Before")
        self.laptop.sync()
        return server

    def make_many(self, n=N_MANY):
        return self.phone.make_request(*(f"Secret {i}" for i in range(n)))

    def send(self, server, request, device=None):
        return server.ask("POST", "/v1/sync", request, (device or self.phone).headers)

    def assertStoresNothing(self, server, request):
        for _ in range(3):
            answer = self.send(server, request)
            self.assertEqual((answer.status, answer.error["code"]), (503, "busy"))
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 30)
            self.assertIn("Nothing is lost", answer.error["message"])

    def assertStillReads(self, server):
        self.assertEqual(server.ask("GET", "/healthz").status, 200)
        self.assertEqual(server.ask("GET", "/readyz").status, 200)
        self.assertEqual(self.laptop.sync(), [])

    def assertTellsOnlyWhatToDo(self, server, words):
        log = server.read_log()
        self.assertRegex(log, words)
        self.assertNotIn("Secret", log)
        self.assertNotIn(self.phone.token, log)
        self.assertNotIn("WARNING", log)

    def assertGoesOn(self, server, request):
        self.phone.take(self.send(server, request))
        self.phone.take(self.send(server, request))
        self.assertEqual(sorted(self.laptop.sync()), sorted(f"Secret {i}" for i in range(N_MANY)))
        self.assertEqual(server.stop(), (0, ""))


class Full(DiskTest):
    @unittest.skipUnless(can_mount(), "no disk of one's own can be made here")
    def test_full(self):
        server = self.make(SmallServer)
        request = self.make_many()
        server.fill()
        self.assertStoresNothing(server, request)
        self.assertStillReads(server)
        self.assertTellsOnlyWhatToDo(server, "The disk is full.*please make room")
        server.make_room()
        self.assertGoesOn(server, request)

    def test_sign_in(self):
        server = self.make()
        self.limit(server)
        for _ in range(N_MANY):
            answer = server.sign_in()
            if answer.status != 201:
                break
        self.assertEqual((answer.status, answer.error["code"]), (503, "busy"))

    def limit(self, server):
        size = os.path.getsize(os.path.join(server.folder, "satchel.db-wal"))
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def test_failing(self):
        server = self.make()
        request = self.make_many()
        self.limit(server)
        self.assertStoresNothing(server, request)
        self.assertStillReads(server)
        self.assertTellsOnlyWhatToDo(server, "The disk did not let .*please look at the disk")
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.assertGoesOn(server, request)


class ReadOnly(DiskTest):
    """A file system that is read-only when the server starts."""

    @unittest.skipUnless(can_mount(), "no disk of one's own can be made here")
    def test_start(self):
        server = self.make()
        server.stop()
        place = os.path.join(server.folder, "place")
        os.makedirs(place)
        command = [*UNSHARE, "sh", "-c", 'mount --bind -o ro "$1" "$2" && shift 2 && exec "$@"', "sh", server.folder,
                   place, PROGRAM, "serve", "--listen", "127.0.0.1:0", "--data-dir", place]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, r"(?i)read-only|written to")
        server.start()
        self.assertGoesOn(server, self.make_many())


class Damage(DiskTest):
    """Pages of the store are damaged while the server runs."""

    def list_pages(self, server, table):
        with sqlite3.connect(os.path.join(server.folder, "satchel.db")) as db:
            pages = db.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'", (table,)).fetchall()
        return [page for page, in pages]

    def damage(self, server, pages):
        with open(os.path.join(server.folder, "satchel.db"), "r+b") as file:
            for page in pages:
                file.seek((page - 1) * PAGE)
                file.write(b"\xaa" * PAGE)

    def test_records(self):
        server = self.make()
        self.phone.take(self.send(server, self.make_many(200)))
        server.stop()
        pages = self.list_pages(server, "record")
        self.assertGreater(len(pages), 4)
        server.start()
        self.damage(server, pages[1:-2])

        anew = Device(server)
        for _ in range(2):
            answer = self.send(server, anew.make_request(), anew)
            self.assertEqual((answer.status, answer.error["code"]), (500, "internal"))
            self.assertIn("damaged", answer.error["message"])
        self.assertEqual(server.ask("GET", "/healthz").status, 200)
        self.assertEqual(server.ask("GET", "/readyz").status, 200)
        self.assertEqual(self.phone.sync("Secret after"), ["Secret after"])
        self.assertTellsOnlyWhatToDo(server, "The database is damaged. Please bring back a backup")
        check = subprocess.run(server.command("check"), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(check.returncode, 1)
        self.assertEqual(server.stop(), (0, ""))


if __name__ == "__main__":
    unittest.main()
