# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: where they come from, what `check` says of them, and what does not fit."""

import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
import unittest

from satchel_server import PATIENCE, PROGRAM


class SettingsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="satchel-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.data = os.path.join(self.folder, "data")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def run_server(self, *words, **environment):
        return subprocess.run([PROGRAM, *words], env=dict(self.environment, **environment), capture_output=True,
                              text=True, timeout=PATIENCE)

    def check(self, *words, code=0, **environment):
        done = self.run_server("check", "--json", *words, **environment)
        self.assertEqual(done.returncode, code, done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        return {row["setting"]: (row["value"], row["from"]) for row in rows}, done.stderr

    def refuse(self, *words, code, **environment):
        done = self.run_server("check", *words, **environment)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertRegex(done.stderr, r"\.\n$")
        return done.stderr


class Sources(SettingsTest):
    def test_one_over_the_other(self):
        self.run_server("init", "--data-dir", self.data)
        config = self.write("server.conf", "[satchel-server]\ndata-dir=/file\nidle-timeout=1\nbody-timeout=2\n"
                                           "head-timeout=3\nbehind-proxy=true\n")
        secret = self.write("secret", "22\n")
        told, _ = self.check("--config", config, "--data-dir", self.data, SATCHEL_IDLE_TIMEOUT="11",
                             SATCHEL_DATA_DIR="/environment", SATCHEL_BODY_TIMEOUT_FILE=secret)
        self.assertEqual(told["data-dir"], (self.data, "--data-dir"))
        self.assertEqual(told["idle-timeout"], ("11", "SATCHEL_IDLE_TIMEOUT"))
        self.assertEqual(told["body-timeout"], ("22", f"SATCHEL_BODY_TIMEOUT_FILE={secret}"))
        self.assertEqual(told["head-timeout"], ("3", config))
        self.assertEqual(told["behind-proxy"], ("true", config))
        self.assertEqual(told["connections"], ("12000", "default"))
        self.assertEqual(told["database"], (f"sqlite:{self.data}/satchel.db", "default"))
        self.assertNotIn("metrics-listen", told)

    def test_the_file_can_be_named_in_the_environment(self):
        self.run_server("init", "--data-dir", self.data)
        config = self.write("server.conf", f"[satchel-server]\ndata-dir={self.data}\n")
        told, said = self.check(SATCHEL_CONFIG=config)
        self.assertEqual(told["data-dir"], (self.data, config))
        self.assertIn("in order", said)


class Secrets(SettingsTest):
    """A password in the address of a database is never shown."""

    def show(self, database):
        done = self.run_server("check", "--data-dir", self.data, SATCHEL_DATABASE=database)
        self.assertNotIn("canary", done.stdout)
        return next(line for line in done.stdout.splitlines() if line.startswith("database"))

    def test_redacted(self):
        for shown, database in (
                ("ann:…@localhost:1/crm", "ann:canary@localhost:1/crm"),
                ("ann:…@localhost:1/crm?sslmode=disable", "ann:can@ary@localhost:1/crm?sslmode=disable"),
                ("ann:…@localhost:1/crm", "ann:a/canary?b@localhost:1/crm"),
                ("localhost:1/crm?user=ann&password=…&sslmode=disable",
                 "localhost:1/crm?user=ann&password=canary&sslmode=disable"),
                ("localhost:1/crm?pass%77ord=…", "localhost:1/crm?pass%77ord=canary"),
                ("ann@localhost:1/crm?sslpassword=…", "ann@localhost:1/crm?sslpassword=canary"),
                ("localhost:1/crm", "localhost:1/crm")):
            with self.subTest(database):
                self.assertIn(f"\tpostgresql://{shown}\t", self.show("postgresql://" + database))


class Flaws(SettingsTest):
    def test_values(self):
        for name, value in (("idle-timeout", "soon"), ("idle-timeout", "-1"), ("connections", "0"),
                            ("log-format", "xml"), ("log-level", "loud")):
            with self.subTest((name, value)):
                variable = "SATCHEL_" + name.upper().replace("-", "_")
                self.assertIn(name, self.refuse(f"--{name}={value}", code=2))
                self.assertIn(variable, self.refuse(code=2, **{variable: value}))
        self.assertIn("behind-proxy", self.refuse(code=2, SATCHEL_BEHIND_PROXY="perhaps"))

    def test_keys_and_groups(self):
        for text, word in (("[satchel-server]\ndatadir=/x\n", "datadir"), ("[server]\ndata-dir=/x\n", "server"),
                           ("[satchel-server]\nlog-format=xml\n", "log-format")):
            with self.subTest(text):
                config = self.write("server.conf", text)
                self.assertIn(word, self.refuse("--config", config, code=2))

    def test_files(self):
        self.assertIn("/nowhere", self.refuse("--config", "/nowhere", code=1))
        self.assertIn("/nowhere", self.refuse(code=1, SATCHEL_DATABASE_FILE="/nowhere"))
        self.assertIn("server.conf", self.refuse("--config", self.write("server.conf", "no group\n"), code=1))

    def test_both(self):
        said = self.refuse(code=2, SATCHEL_LISTEN="127.0.0.1:1", SATCHEL_LISTEN_FILE="/dev/null")
        self.assertIn("SATCHEL_LISTEN_FILE", said)

    def test_unknown_flag(self):
        self.assertEqual(self.run_server("check", "--no-such-thing").returncode, 2)


class Permissions(SettingsTest):
    def setUp(self):
        super().setUp()
        self.run_server("init", "--data-dir", self.data)
        self.run_server("certificate", "--data-dir", self.data, "--host", "localhost")

    def test_in_order(self):
        _, said = self.check("--data-dir", self.data)
        self.assertIn("in order", said)

    def test_open_to_others(self):
        for name in ("satchel.db", "tls/server.key", ""):
            path = os.path.join(self.data, name)
            mode = stat.S_IMODE(os.stat(path).st_mode)
            os.chmod(path, mode | 0o044 | (0o011 if name == "" else 0))
            with self.subTest(name):
                _, said = self.check("--data-dir", self.data, code=1)
                self.assertIn(" " + path.rstrip("/"), said)
                self.assertIn("chmod", said)
            os.chmod(path, mode)

    def make_certificate(self, end):
        tls = os.path.join(self.data, "tls")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-not_before", "20200101000000Z", "-not_after", end, "-keyout",
                        os.path.join(tls, "server.key"), "-out", os.path.join(tls, "server.pem")], check=True,
                       capture_output=True)
        os.chmod(os.path.join(tls, "server.key"), 0o600)

    def test_a_certificate_that_ends(self):
        self.make_certificate("20210101000000Z")
        _, said = self.check("--data-dir", self.data, code=1)
        self.assertIn("ended on 2021-01-01", said)
        soon = time.strftime("%Y%m%d000000Z", time.gmtime(time.time() + 10 * 24 * 3600))
        self.make_certificate(soon)
        _, said = self.check("--data-dir", self.data)
        self.assertIn("Please make another one", said)

    def test_a_certificate_that_is_none(self):
        with open(os.path.join(self.data, "tls", "server.pem"), "w") as file:
            file.write("nothing\n")
        _, said = self.check("--data-dir", self.data, code=1)
        self.assertIn("server.pem", said)

    def test_a_secret_in_an_open_file(self):
        config = self.write("server.conf", f"[satchel-server]\ndata-dir={self.data}\n", 0o644)
        self.check("--config", config)
        config = self.write("server.conf", f"[satchel-server]\ndata-dir={self.data}\n"
                                           "database=postgresql://a:canary@localhost:1/x\n", 0o644)
        done = self.run_server("check", "--config", config)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("canary", done.stdout)

    def test_a_damaged_store(self):
        with open(os.path.join(self.data, "satchel.db"), "r+b") as file:
            file.seek(100)
            file.write(b"\xff" * 5000)
        self.check("--data-dir", self.data, code=1)


if __name__ == "__main__":
    unittest.main()
