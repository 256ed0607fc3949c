# SPDX-License-Identifier: GPL-3.0-or-later
"""A type that exists only in tests, with a field of every kind and a unit of every policy, works by its declaration."""

import json
import os
import unittest

import harness
from harness import DONE, FAILED, WAITING

EVERYTHING = {
    "title": "Amber beetle", "story": "one\ntwo\nthree\n", "phone": "030 123", "email": "a@b.example",
    "website": "https://example.com/", "pieces": 3, "weight": 1.5, "fragile": True, "amount": 1999, "currency": "EUR",
    "found_on": "2026-02-28", "found_at": "2026-02-28T10:00:00.000Z", "colour": "red", "mood": "blue",
    "seen_on": "2026-03-01", "seen_by": "Eva", "labels": ["dry", "old"], "measures": {"length": 12, "parts": [1, 2]},
}


def written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(value)
    return json.dumps(value) if isinstance(value, dict) else str(value)


class Specimen(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start_team()
        self.account = self.phone.add("account", name="Museum", territory="North")

    def assert_everything(self, shown):
        for field, value in EVERYTHING.items():
            self.assertEqual(shown[field], value, field)

    def add(self):
        fields = {field: written(value) for field, value in EVERYTHING.items()}
        specimen = self.phone.add("specimen", account=self.account, **fields)
        self.assert_everything(self.phone.show(specimen))
        self.settle()
        return specimen

    def test_every_kind_travels(self):
        self.assert_everything(self.assert_same_everywhere(self.add()))

    def test_every_policy_decides(self):
        specimen = self.add()
        self.phone.set(specimen, "story=ONE\ntwo\nthree\n", "labels+=phone", "mood=red", "seen_by=Ann", "pieces=4",
                       "amount=1", "colour=green")
        self.other.set(specimen, "story=one\ntwo\nTHREE\n", "labels-=dry", "mood=green", "seen_by=Bo", "weight=2",
                       "currency=USD", "colour=green")
        self.settle()
        shown = self.assert_same_everywhere(specimen)
        self.assertEqual(shown["story"], "ONE\ntwo\nTHREE\n")
        self.assertEqual(shown["labels"], ["old", "phone"])
        self.assertEqual((shown["mood"], shown["seen_by"]), ("green", "Bo"))
        self.assertEqual((shown["pieces"], shown["weight"], shown["colour"]), (4, 2, "green"))
        conflict, = self.laptop.conflicts()
        self.assertEqual(conflict["unit"], "value")
        self.assertEqual(conflict["current"], {"amount": 1, "currency": "EUR"})
        self.assertEqual(conflict["values"][0]["fields"], {"amount": 1999, "currency": "USD"})

    def test_what_only_the_server_sets(self):
        specimen = self.add()
        self.assertEqual(self.phone.run("set", specimen, "stock=5").code, FAILED)
        self.assertEqual(self.phone.run("set", specimen, "score=5").code, FAILED)

    def test_lists_and_search(self):
        specimen = self.add()
        for words in (("--where", "colour=red"), ("--where", "labels=dry"), ("--where", "pieces=3"),
                      ("--where", "fragile=true"), ("--sort", "weight")):
            self.assertEqual([row["id"] for row in self.other.list("specimen", *words)], [specimen], words)
        for text in ("mber bee", "two", "dry", "030123"):
            self.assertEqual(self.other.do("search", text, "--type", "specimen", "--json").json()["id"], specimen, text)
        self.assertEqual(self.other.list("specimen", "--where", "colour=blue"), [])

    def test_csv_there_and_back(self):
        specimen = self.add()
        path = os.path.join(self.folder, "specimen.csv")
        self.phone.do("export", "specimen", "--output", path)
        self.phone.set(specimen, "title=Changed", "pieces=", "labels=")
        self.phone.do("import", path)
        self.assert_everything(self.phone.show(specimen))

    def test_the_server_imports_it(self):
        specimen = self.add()
        folder = os.path.join(self.folder, "csv")
        os.makedirs(folder)
        self.phone.do("export", "specimen", "--output", os.path.join(folder, "specimen.csv"))
        self.phone.do("delete", specimen)
        self.settle()
        second = harness.Server(os.path.join(self.folder, "csv"))
        second.add_territory("North")
        second.add_user("anna", "North")
        self.phone.do("export", "account", "--output", os.path.join(folder, "account.csv"))
        with open(os.path.join(folder, "account.csv"), "w", encoding="utf-8") as file:
            file.write(f"id,name,territory\n{self.account},Museum,North\n")
        second.run("import", folder)
        second.start()
        self.addCleanup(second.stop)
        copy = self.device("anna", "copy", server=second)
        copy.sync()
        self.assert_everything(copy.show(specimen))


if __name__ == "__main__":
    unittest.main()
