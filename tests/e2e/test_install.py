# SPDX-License-Identifier: GPL-3.0-or-later
"""What an installation for a package puts where, and whether it holds together."""

import os
import re
import shutil
import stat
import subprocess

import harness
from harness import DONE

PREFIX = os.environ["PREFIX"].lstrip("/")
EXPECTED = [
    "bin/satchel-server",
    "bin/satchelctl",
    "lib/systemd/system/satchel-server.service",
    "lib/systemd/system/satchel-server.socket",
    "lib/systemd/system/satchel-backup.service",
    "lib/systemd/system/satchel-backup.timer",
    "lib/sysusers.d/satchel.conf",
    "lib/tmpfiles.d/satchel.conf",
    "share/doc/satchel/server.md",
    "share/doc/satchel/examples/nginx.conf",
    "share/doc/satchel/examples/server.conf",
]


class Install(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.root = os.path.join(self.folder, "root")
        installed = subprocess.run(["meson", "install", "--no-rebuild", "--destdir", self.root, "-C",
                                    os.environ["BUILD_ROOT"]], capture_output=True, text=True,
                                   timeout=harness.DEADLINE, env={**os.environ, "DESTDIR": ""})
        self.assertEqual(installed.returncode, DONE, installed.stdout + installed.stderr)

    def get(self, name):
        return os.path.join(self.root, PREFIX, name)

    def read(self, name):
        with open(self.get(name), encoding="utf-8") as file:
            return file.read()

    def test_what_is_where(self):
        for name in EXPECTED:
            with self.subTest(name):
                self.assertTrue(os.path.isfile(self.get(name)))
                mode = stat.S_IMODE(os.stat(self.get(name)).st_mode)
                self.assertEqual(mode, 0o755 if name.startswith("bin/") else 0o644)
        outside = [name for name in os.listdir(self.root) if name != PREFIX.split("/")[0]]
        self.assertEqual(outside, [])

    def test_units_name_what_is_there(self):
        units = [name for name in EXPECTED if "/systemd/" in name]
        for name in units:
            text = self.read(name)
            self.assertNotIn("@", re.sub(r"@[a-z-]+$|@system-service|@privileged", "", text, flags=re.M))
            for program in re.findall(r"(/\S+/satchel-server)\b(?!\.)", text):
                self.assertTrue(os.path.exists(self.root + program), (name, program))

    def test_nginx_takes_the_example(self):
        if shutil.which("nginx") is None:
            self.skipTest("there is no nginx here")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=crm.example.com", "-keyout", "key.pem", "-out", "cert.pem"], cwd=self.folder,
                       check=True, capture_output=True)
        site = self.read("share/doc/satchel/examples/nginx.conf")
        site = re.sub(r"/etc/letsencrypt\S*/fullchain.pem", os.path.join(self.folder, "cert.pem"), site)
        site = re.sub(r"/etc/letsencrypt\S*/privkey.pem", os.path.join(self.folder, "key.pem"), site)
        site = site.replace("443 ssl", "4443 ssl")
        with open(os.path.join(self.folder, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(f"pid {self.folder}/pid; error_log stderr; events {{}} http {{ access_log off; {site} }}")
        done = subprocess.run(["nginx", "-t", "-p", self.folder, "-e", "stderr", "-c",
                               os.path.join(self.folder, "nginx.conf")], capture_output=True, text=True,
                              timeout=harness.DEADLINE)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_program_runs_from_there(self):
        done = harness.run([self.get("bin/satchel-server"), "--version"])
        self.assertEqual((done.code, done.out.split()[0]), (DONE, "satchel-server"))
