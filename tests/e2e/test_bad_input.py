# SPDX-License-Identifier: GPL-3.0-or-later
"""satchelctl alone, without a server: what it keeps, what it refuses and how it says so."""

import json
import os
import pathlib
import sqlite3
import stat
import unittest

import harness
from harness import DONE, FAILED, REFUSED, USAGE


class Alone(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.replica = os.path.join(self.folder, "replica.db")
        self.environment = {**os.environ, "HOME": self.folder, "XDG_DATA_HOME": self.folder,
                            "SATCHEL_REPLICA": self.replica}
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)

    def run_ctl(self, *words, stdin=None):
        return harness.run([harness.SATCHELCTL, *words], self.environment, stdin)

    def do(self, *words, stdin=None):
        result = self.run_ctl(*words, stdin=stdin)
        self.assertEqual(result.code, DONE, f"{words}: {result.err}")
        return result

    def add(self, *words):
        return self.do("add", *words).out.strip()

    def assert_refused(self, code, *words, stdin=None):
        result = self.run_ctl(*words, stdin=stdin)
        self.assertEqual(result.code, code, f"{words}: {result.out}{result.err}")
        self.assertEqual(result.out, "")
        self.assertTrue(result.err.startswith("satchelctl: "), result.err)
        return result.err


class Words(Alone):
    def test_wrong_usage(self):
        for words in ((), ("fly",), ("add",), ("add", "account", "name"), ("set", "x"), ("list",), ("--nonsense",),
                      ("list", "account", "--nonsense"), ("resolve",), ("enroll",), ("tray", "eat", "x")):
            self.assert_refused(USAGE, *words)

    def test_unknown_type_and_field(self):
        self.assertIn("account", self.assert_refused(FAILED, "add", "acount", "name=x"))
        self.assertIn("colour", self.assert_refused(FAILED, "add", "account", "name=x", "colour=red"))
        self.assert_refused(FAILED, "list", "acount")
        self.assert_refused(FAILED, "list", "account", "--where", "colour=red")

    def test_invalid_values(self):
        for word in ("employees=many", "tier=D", "birthday=2026-02-30", "currency=EURO", "email=nobody",
                     "latitude=north", "owner=nobody"):
            self.assertIn(word.split("=")[0], self.assert_refused(FAILED, "add", "account", "name=x", word) + (
                "owner" if word.startswith("owner") else ""))
        self.assert_refused(FAILED, "add", "activity", "channel=visit", "starts_at=yesterday")
        self.assertEqual(self.do("list", "account").out, "")

    def test_required_fields(self):
        self.assert_refused(FAILED, "add", "account")
        self.assert_refused(FAILED, "add", "account", "phone=1")
        account = self.add("account", "name=x")
        self.assert_refused(FAILED, "set", account, "name=")
        self.assert_refused(FAILED, "add", "contact", f"account={account}")
        self.add("contact", f"account={account}", "family_name=Only")
        self.assert_refused(FAILED, "add", "consent", "channel=mail", "purpose=news", "state=granted")

    def test_a_text_that_is_too_long(self):
        body = "x" * (1024 * 1024 + 1)
        line = json.dumps({"do": "add", "type": "note", "fields": {"body": body}})
        self.assert_refused(FAILED, "batch", "-", stdin=line)
        line = json.dumps({"do": "add", "type": "note", "fields": {"body": body[:-1]}})
        note = self.do("batch", "-", stdin=line).out.strip()
        self.assertEqual(len(self.do("show", note, "--json").json()["body"]), 1024 * 1024)

    def test_what_is_not_there(self):
        missing = "019b8b74-1800-7444-bd5a-49f0aed5f70f"
        self.add("account", "name=x")
        for words in (("show", missing), ("show", "nonsense"), ("set", missing, "name=y"), ("delete", missing),
                      ("restore", missing), ("resolve", missing, "--keep", "current"), ("tray", "retry", missing),
                      ("add", "contact", f"account={missing}", "given_name=x")):
            self.assert_refused(FAILED, *words)

    def test_what_only_the_server_writes(self):
        self.assert_refused(FAILED, "add", "conflict", "target_type=account", "target_id=x", "unit=y")
        consent = self.add("consent", "account=" + self.add("account", "name=x"), "channel=mail", "purpose=news",
                           "state=granted")
        self.assert_refused(FAILED, "set", consent, "state=withdrawn")
        self.assert_refused(FAILED, "delete", consent)

    def test_not_signed_in(self):
        self.add("account", "name=x")
        self.assert_refused(REFUSED, "sync")
        self.assert_refused(REFUSED, "sign-out")

    def test_values_come_back_as_they_were_typed(self):
        account = self.add("account", "name=Ёлка & Co. “ไทย” 😀", "revenue=1250", "currency=eur", "employees=12",
                           "latitude=52.5", "tags=b,a,,a", "website=https://example.com/?a=b=c")
        shown = self.do("show", account, "--json").json()
        self.assertEqual(shown["name"], "Ёлка & Co. “ไทย” 😀")
        self.assertEqual((shown["revenue"], shown["currency"], shown["employees"]), (1250, "EUR", 12))
        self.assertEqual((shown["latitude"], shown["tags"]), (52.5, ["a", "b"]))
        self.assertEqual(shown["website"], "https://example.com/?a=b=c")
        self.assertTrue(shown["pending"])
        self.do("set", account, "tags+=c,d", "tags-=a", "revenue=")
        shown = self.do("show", account, "--json").json()
        self.assertEqual(shown["tags"], ["b", "c", "d"])
        self.assertNotIn("revenue", shown)

    def test_lists(self):
        for i in range(25):
            self.add("account", f"name=Name {i:02}", f"tier={'AB'[i % 2]}", f"employees={100 - i}")
        self.assertEqual(len(self.do("list", "account", "--json").lines()), 25)
        rows = self.do("list", "account", "--json", "--where", "tier=A", "--sort", "employees", "--limit", "3").lines()
        self.assertEqual([row["employees"] for row in rows], [76, 78, 80])
        csv = self.do("list", "account", "--csv", "--limit", "2").out.splitlines()
        self.assertEqual(len(csv), 3)
        self.assertTrue(csv[0].startswith("id,name,"))

    def test_search(self):
        latin = self.add("account", "name=Café Zürich", "phone=+7 (495) 123-45-67")
        cyrillic = self.add("account", "name=Ёлочные игрушки")
        thai = self.add("account", "name=ร้านอาหารไทย")
        note = self.add("note", "body=They asked for the winter price list")
        for text, expected in (("cafe", latin), ("ZÜR", latin), ("uric", latin), ("4951234567", latin),
                               ("495 123 45 67", latin), ("23-45", latin), ("елоч", cyrillic), ("ЁЛОЧ", cyrillic),
                               ("игруш", cyrillic), ("อาหาร", thai), ("ca", latin), ("winter price", note)):
            found = [row["id"] for row in self.do("search", text, "--json").lines()]
            self.assertIn(expected, found, text)
        self.assertEqual(self.run_ctl("search", "nothing like this").code, FAILED)
        for hostile in ('"', "a AND", "NEAR(", "*", "name:x OR", "'", "%", "((("):
            self.assertIn(self.run_ctl("search", hostile).code, (DONE, FAILED))
        self.assertEqual(self.run_ctl("search", "cafe", "--type", "note").code, FAILED)

    def test_batch(self):
        text = "\n".join([
            '{"do":"add","type":"account","id":"019b8b74-1800-7444-bd5a-49f0aed5f70f","fields":{"name":"One"}}',
            '{"do":"add","type":"note","fields":{"account":"019b8b74-1800-7444-bd5a-49f0aed5f70f","body":"b"}}',
            '{"do":"set","id":"019b8b74-1800-7444-bd5a-49f0aed5f70f","fields":{"tags":["x","y"],"employees":5}}', "",
            '{"do":"add","type":"account","fields":{"name":"Two"}}', ""])
        self.assertEqual(len(self.do("batch", "-", stdin=text).out.split()), 3)
        shown = self.do("show", "019b8b74-1800-7444-bd5a-49f0aed5f70f", "--json").json()
        self.assertEqual((shown["tags"], shown["employees"]), (["x", "y"], 5))
        self.assertEqual(self.do("status", "--json").json()["pending"], 2)

    def test_a_bad_batch_keeps_whole_blocks_only(self):
        text = ('{"do":"add","type":"account","fields":{"name":"One"}}\n\n'
                '{"do":"add","type":"account","fields":{"name":"Two"}}\n'
                '{"do":"add","type":"account","fields":{"name":3}}\n')
        result = self.run_ctl("batch", "-", stdin=text)
        self.assertEqual(result.code, FAILED)
        self.assertIn("4", result.err)
        self.assertEqual([row["name"] for row in self.do("list", "account", "--json").lines()], ["One"])

    def test_csv_there_and_back(self):
        self.add("account", "name==SUM(A1)", "tags=a,b", "street=Main, 1", "city=“Köln”\t")
        path = os.path.join(self.folder, "account.csv")
        self.do("export", "account", "--format", "csv", "--output", path)
        first = self.do("list", "account", "--json").json()
        self.replica = self.environment["SATCHEL_REPLICA"] = os.path.join(self.folder, "second.db")
        self.do("import", path, "--type", "account")
        second = self.do("list", "account", "--json").json()
        for field in ("id", "name", "tags", "street", "city"):
            self.assertEqual(first[field], second[field])

    def test_a_csv_with_bad_rows(self):
        path = os.path.join(self.folder, "customers.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("Company;Phone;Staff\nGood;030;5\nBad;031;many\nAlso good;;\n")
        words = ("import", path, "--type", "account", "--map", "Company=name", "--map", "Staff=employees")
        dry = self.run_ctl(*words, "--dry-run")
        self.assertEqual(self.run_ctl("list", "account").out, "")
        result = self.run_ctl(*words)
        self.assertEqual(result.code, dry.code)
        self.assertIn("3", result.err)
        self.assertEqual([row["name"] for row in self.do("list", "account", "--json").lines()], ["Also good", "Good"])


class Files(Alone):
    def test_a_replica_from_the_future_is_left_alone(self):
        self.add("account", "name=x")
        with sqlite3.connect(self.replica) as database:
            database.execute("PRAGMA user_version = 9999")
        database.close()
        before = pathlib.Path(self.replica).read_bytes()
        message = self.assert_refused(FAILED, "list", "account")
        self.assertIn("newer", message)
        self.assertEqual(before, pathlib.Path(self.replica).read_bytes())

    def damage(self, offset, length):
        for suffix in ("-wal", "-shm"):
            if os.path.exists(self.replica + suffix):
                os.unlink(self.replica + suffix)
        size = os.path.getsize(self.replica)
        with open(self.replica, "r+b") as file:
            file.seek(min(offset, size))
            file.write(os.urandom(length))

    def check_salvaged(self):
        result = self.run_ctl("list", "account", "--json")
        self.assertEqual(result.code, DONE, result.err)
        self.assertIn("set aside", result.err)
        self.assertIn("Kept", [row["name"] for row in result.lines()])
        aside = [name for name in os.listdir(self.folder) if "damaged" in name]
        self.assertTrue(aside)
        self.assertEqual(self.do("status", "--json").json()["pending"], 1)

    def test_a_damaged_header(self):
        self.add("account", "name=Kept")
        self.damage(0, 100)
        self.check_salvaged()

    def test_a_file_of_noise(self):
        self.add("account", "name=Kept")
        self.damage(0, os.path.getsize(self.replica))
        self.check_salvaged()

    def test_a_truncated_file(self):
        self.add("account", "name=Kept")
        self.damage(0, 0)
        os.truncate(self.replica, os.path.getsize(self.replica) // 2)
        self.check_salvaged()

    def test_an_empty_file_is_a_new_replica(self):
        pathlib.Path(self.replica).touch()
        self.assertEqual(self.do("list", "account").out, "")

    def test_a_folder_that_cannot_be_written(self):
        self.environment["SATCHEL_REPLICA"] = "/proc/satchel/replica.db"
        self.assert_refused(FAILED, "add", "account", "name=x")

    def test_a_missing_replica(self):
        for words in (("list", "account"), ("status",), ("sync",)):
            self.assertIn(self.run_ctl(*words).code, (DONE, FAILED, REFUSED))

    def test_only_the_owner_reads_the_file(self):
        self.add("account", "name=x")
        self.assertEqual(stat.S_IMODE(os.stat(self.replica).st_mode), 0o600)

    @unittest.skipUnless(os.access("/dev/full", os.W_OK), "no full device here")
    def test_a_full_disk(self):
        account = self.add("account", "name=x")
        limit = os.path.getsize(self.replica) // 512 + 64
        result = harness.run(["/bin/sh", "-c", f'trap "" XFSZ; ulimit -f {limit}; exec "$@"', "sh", harness.SATCHELCTL,
                              "batch", "-"], self.environment,
                             json.dumps({"do": "add", "type": "note", "fields": {"body": "y" * 1000000}}))
        self.assertEqual(result.code, FAILED, result.err)
        self.assertEqual(self.do("show", account, "--json").json()["name"], "x")
        self.assertEqual(self.do("list", "note").out, "")


class SignOut(harness.TestCase):
    def test_pending_work_is_never_dropped(self):
        self.start_team()
        self.phone.add("note", body="not sent")
        self.assertEqual(self.phone.run("sign-out").code, FAILED)
        self.assertEqual(self.phone.status()["pending"], 1)
        kept = os.path.join(self.folder, "kept.json")
        self.phone.do("sign-out", "--keep-pending", kept)
        self.assertIn("not sent", pathlib.Path(kept).read_text(encoding="utf-8"))
        self.assertEqual(self.phone.run("sync").code, REFUSED)


if __name__ == "__main__":
    unittest.main()
