# SPDX-License-Identifier: GPL-3.0-or-later
"""Two devices of one rep and one of another, edited offline, reconciled over TLS."""

import json
import subprocess
import unittest

import harness
from harness import DONE, FAILED, REFUSED, WAITING


class TwoDevices(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.start_team()

    def make_account(self, **fields):
        account = self.phone.add("account", territory="North", **{"name": "Café Müller", "phone": "030 1", **fields})
        self.settle()
        return account

    def test_a_new_account_reaches_everybody(self):
        account = self.make_account()
        shown = self.assert_same_everywhere(account)
        self.assertEqual(shown["name"], "Café Müller")
        self.assertFalse(shown["pending"])

    def test_different_units_both_survive(self):
        account = self.make_account()
        self.phone.set(account, "phone=030 2")
        self.other.set(account, "email=info@mueller.example")
        self.laptop.set(account, "tier=A")
        self.settle()
        shown = self.assert_same_everywhere(account)
        self.assertEqual((shown["phone"], shown["email"], shown["tier"]), ("030 2", "info@mueller.example", "A"))
        self.assertEqual(self.phone.conflicts(), [])

    def test_a_unit_of_several_fields_holds_together(self):
        account = self.make_account(street="Main 1", city="Berlin")
        self.phone.set(account, "city=Potsdam")
        self.other.set(account, "street=Side 2")
        self.settle()
        conflict, = self.phone.conflicts()
        self.assertEqual(conflict["unit"], "address")
        self.assertEqual(conflict["values"][0]["fields"]["street"], "Side 2")
        self.assertEqual(conflict["values"][0]["fields"]["city"], "Berlin")
        self.assertEqual(self.phone.show(account)["city"], "Potsdam")

    def make_conflict(self):
        account = self.make_account()
        self.phone.set(account, "phone=111")
        self.laptop.set(account, "phone=222")
        self.phone.sync()
        counts = self.laptop.sync(codes=(WAITING,))
        self.assertEqual(counts["conflicts"], 1)
        self.settle()
        return account

    def test_one_conflict_with_both_values(self):
        account = self.make_conflict()
        for device in self.devices:
            conflict, = device.conflicts()
            self.assertEqual(conflict["target_id"], account)
            self.assertEqual(conflict["unit"], "phone")
            self.assertEqual(conflict["base"], {"phone": "030 1"})
            self.assertEqual(conflict["current"], {"phone": "111"})
            self.assertEqual([value["fields"] for value in conflict["values"]], [{"phone": "222"}])

    def test_further_values_join_the_conflict(self):
        account = self.make_account()
        for device, value in zip(self.devices, ("111", "222", "333")):
            device.set(account, f"phone={value}")
        self.settle()
        conflict, = self.phone.conflicts()
        self.assertEqual(sorted(value["fields"]["phone"] for value in conflict["values"]), ["222", "333"])

    def resolve_and_compare(self, resolver, arguments, expected):
        account = self.make_conflict()
        conflict, = resolver.conflicts()
        resolver.do("resolve", conflict["id"], *arguments)
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["phone"], expected)
        for device in self.devices:
            self.assertEqual(device.conflicts(), [])
            self.assertEqual(device.sync(codes=(DONE,))["conflicts"], 0)

    def test_keep_current_on_another_device(self):
        self.resolve_and_compare(self.other, ("--keep", "current"), "111")

    def test_keep_the_other_value(self):
        self.resolve_and_compare(self.phone, ("--keep", "1"), "222")

    def test_keep_a_third_value(self):
        self.resolve_and_compare(self.laptop, ("--value", "phone=333"), "333")

    def test_resolved_differently_on_two_devices(self):
        account = self.make_conflict()
        conflict, = self.phone.conflicts()
        self.phone.do("resolve", conflict["id"], "--keep", "1")
        self.other.do("resolve", conflict["id"], "--value", "phone=333")
        self.settle()
        again, = self.phone.conflicts()
        seen = {again["current"]["phone"], *(value["fields"]["phone"] for value in again["values"])}
        self.assertEqual(seen, {"222", "333"})
        self.assertEqual(self.phone.show(account)["phone"], "222")

    def test_texts_merge_by_line(self):
        account = self.make_account()
        note = self.phone.add("note", account=account, title="Visit", body="one\ntwo\nthree\n")
        self.settle()
        self.phone.set(note, "body=ONE\ntwo\nthree\n")
        self.other.set(note, "body=one\ntwo\nTHREE\n")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(note)["body"], "ONE\ntwo\nTHREE\n")

    def test_overlapping_texts_are_a_conflict(self):
        note = self.phone.add("note", account=self.make_account(), body="one\n")
        self.settle()
        self.phone.set(note, "body=uno\n")
        self.other.set(note, "body=eins\n")
        self.settle()
        conflict, = self.laptop.conflicts()
        self.assertEqual({conflict["current"]["body"], conflict["values"][0]["fields"]["body"]}, {"uno\n", "eins\n"})

    def test_sets_merge(self):
        account = self.make_account(tags="old,both")
        self.phone.set(account, "tags+=a", "tags-=old")
        self.laptop.set(account, "tags+=b")
        self.other.set(account, "tags=both,old,c")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["tags"], ["a", "b", "both", "c"])

    def test_the_latest_wins_and_the_other_stays_in_the_history(self):
        account = self.make_account(next_visit_every="30")
        self.phone.set(account, "next_visit_every=10")
        self.laptop.set(account, "next_visit_every=20")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["next_visit_every"], 20)
        history = self.phone.do("show", account, "--history", "--json").lines()
        changed = [change["new"] for change in history if change["unit"] == "next_visit_every"]
        self.assertIn({"next_visit_every": 10}, changed)

    def test_edit_against_delete(self):
        account = self.make_account()
        self.phone.do("delete", account)
        self.other.set(account, "phone=999")
        self.settle()
        conflict, = self.other.conflicts()
        self.assertEqual(conflict["values"][0]["fields"], {"phone": "999"})
        self.other.do("resolve", conflict["id"], "--keep", "1")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["phone"], "999")
        self.assertEqual([row["id"] for row in self.phone.list("account")], [account])

    def test_delete_against_edit(self):
        account = self.make_account()
        self.other.set(account, "phone=999")
        self.phone.do("delete", account)
        self.other.sync()
        self.phone.sync(codes=(WAITING,))
        self.settle()
        conflict, = self.other.conflicts()
        self.assertEqual(conflict["unit"], "deleted")
        self.assertEqual([row["id"] for row in self.phone.list("account")], [account])
        self.phone.do("resolve", conflict["id"], "--keep", "1")
        self.settle()
        for device in self.devices:
            self.assertEqual(device.list("account"), [])
            self.assertEqual(device.conflicts(), [])

    def test_what_hangs_on_an_account_goes_and_comes_with_it(self):
        account = self.make_account()
        contact = self.other.add("contact", account=account, given_name="Eva")
        note = self.laptop.add("note", account=account, body="hello")
        self.settle()
        self.phone.do("delete", account)
        self.assertEqual(self.phone.list("contact") + self.phone.list("note"), [])
        self.settle()
        for device in self.devices:
            self.assertEqual(device.list("contact") + device.list("note") + device.list("account"), [])
        self.other.do("restore", account)
        self.settle()
        for device in self.devices:
            self.assertEqual([row["id"] for row in device.list("contact")], [contact])
            self.assertEqual([row["id"] for row in device.list("note")], [note])

    def test_a_child_of_a_deleted_account_waits_in_the_tray(self):
        account = self.make_account()
        self.phone.do("delete", account)
        contact = self.other.add("contact", account=account, given_name="Eva")
        self.phone.sync()
        self.other.sync(codes=(WAITING,))
        entry, = self.other.tray()
        self.assertEqual(entry["mutations"][0]["id"], contact)
        self.assertEqual(entry["mutations"][0]["units"]["name"]["value"]["given_name"], "Eva")
        self.phone.do("restore", account)
        self.phone.sync()
        self.other.sync()
        self.other.do("tray", "retry", entry["id"])
        self.settle()
        self.assertEqual([row["id"] for row in self.laptop.list("contact")], [contact])
        self.assertEqual(self.other.tray(), [])

    def test_edits_on_ones_own_pending_edits_are_no_conflict(self):
        account = self.make_account()
        for value in ("1", "2", "3"):
            self.phone.set(account, f"phone={value}")
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["phone"], "3")
        self.assertEqual(self.phone.conflicts(), [])

    def test_edits_on_a_value_in_conflict_join_it_as_one(self):
        account = self.make_account()
        self.other.set(account, "phone=000")
        self.other.sync()
        for value in ("1", "2", "3"):
            self.phone.set(account, f"phone={value}")
        self.settle()
        conflict, = self.phone.conflicts()
        self.assertEqual(conflict["current"], {"phone": "000"})
        self.assertEqual([value["fields"]["phone"] for value in conflict["values"]], ["3"])

    def test_a_strict_group_with_a_conflict_is_refused_whole(self):
        account = self.make_account()
        self.other.set(account, "phone=000")
        self.other.sync()
        block = ('{"do":"set","id":"%s","fields":{"phone":"1","email":"x@y.example"}}\n'
                 '{"do":"add","type":"note","fields":{"account":"%s","body":"hi"}}\n') % (account, account)
        self.phone.do("batch", "-", stdin=block)
        self.assertEqual(self.phone.sync(codes=(WAITING,))["refused"], 1)
        self.settle()
        entry, = self.phone.tray()
        self.assertEqual(len(entry["mutations"]), 2)
        shown = self.assert_same_everywhere(account)
        self.assertEqual(shown["phone"], "000")
        self.assertNotIn("email", shown)
        self.assertEqual(self.phone.list("note"), [])
        self.phone.do("tray", "drop", entry["id"])
        self.phone.sync(codes=(DONE,))

    def test_an_account_of_another_territory_is_not_seen(self):
        carla = self.device("carla", "carla")
        secret = carla.add("account", name="Secret", territory="South")
        open_note = carla.add("note", account=secret, body="hidden words")
        carla.sync()
        account = self.make_account()
        self.settle(*self.devices, carla)
        for device in self.devices:
            self.assertEqual(device.run("show", secret).code, FAILED)
            self.assertEqual(device.run("show", open_note).code, FAILED)
            self.assertEqual(device.run("search", "hidden").code, FAILED)
        self.assertEqual(carla.run("show", account).code, FAILED)

    def test_a_private_note_stays_with_its_author(self):
        account = self.make_account()
        note = self.phone.add("note", account=account, body="for me", private="true")
        self.settle()
        self.assertEqual(self.laptop.show(note)["body"], "for me")
        self.assertEqual(self.other.run("show", note).code, FAILED)

    def test_what_a_rep_may_not_write_is_refused_into_the_tray(self):
        self.make_account()
        self.phone.do("add", "account", "name=Elsewhere", f"territory={self.south}")
        self.assertEqual(self.phone.sync(codes=(WAITING,))["refused"], 1)
        entry, = self.phone.tray()
        self.assertEqual(entry["code"], "permission")
        carla = self.device("carla", "carla")
        carla.sync()
        self.assertEqual(carla.list("account"), [])

    def test_nothing_new_is_one_small_request(self):
        self.make_account()
        counts = self.phone.sync(codes=(DONE,))
        self.assertEqual((counts["requests"], counts["pushed"], counts["pulled"]), (1, 0, 0))
        self.assertLessEqual(counts["bytes_sent"] + counts["bytes_received"], 400)

    def test_more_than_one_request_holds(self):
        bodies = sorted("long " * 180000 + str(i) for i in range(12))
        self.phone.do("batch", "-", stdin="\n\n".join(
            json.dumps({"do": "add", "type": "note", "fields": {"body": body}}) for body in bodies))
        self.assertEqual(self.phone.sync(codes=(DONE,))["pushed"], 12)
        self.assertEqual(self.phone.status()["pending"], 0)
        self.laptop.sync()
        self.assertEqual(sorted(note["body"] for note in self.laptop.list("note")), bodies)

    def test_a_copied_replica_forks_and_both_histories_survive(self):
        account = self.make_account()
        copy = self.phone.copy("copy")
        self.phone.set(account, "phone=original")
        copy.set(account, "email=copy@example.org")
        self.phone.sync()
        copy.sync()
        self.assertNotEqual(copy.status()["device"], self.phone.status()["device"])
        self.settle(*self.devices, copy)
        shown = self.assert_same_everywhere(account, [*self.devices, copy])
        self.assertEqual((shown["phone"], shown["email"]), ("original", "copy@example.org"))

    def test_a_field_that_reps_do_not_set_stays_behind(self):
        account = self.make_account()
        self.phone.set(account, f"territory={self.south}", "phone=2")
        self.phone.sync(codes=(WAITING,))
        self.settle()
        entry, = self.phone.tray()
        self.assertEqual((entry["code"], list(entry["mutations"][0]["units"])), ("permission", ["territory"]))
        shown = self.assert_same_everywhere(account)
        self.assertEqual((shown["phone"], shown["territory"]), ("2", self.north))

    def test_a_territory_that_is_granted_no_more(self):
        account = self.make_account()
        self.other.add("note", account=account, body="said here")
        self.settle()
        self.phone.set(account, "phone=not lost")
        self.server.run("territory", "revoke", "anna", "North")
        self.phone.sync(codes=(WAITING,))
        self.assertEqual(self.phone.list("account") + self.phone.list("note"), [])
        entry, = self.phone.tray()
        self.assertEqual(entry["mutations"][0]["units"]["phone"]["value"], {"phone": "not lost"})
        self.server.run("territory", "grant", "anna", "North")
        self.phone.sync(codes=(WAITING,))
        self.assertEqual([row["id"] for row in self.phone.list("account")], [account])
        self.assertEqual(len(self.phone.list("note")), 1)

    def test_waiting_for_news(self):
        account = self.make_account()
        waiting = subprocess.Popen([harness.SATCHELCTL, "sync", "--wait", "60", "--json"],
                                   env=self.laptop.environment, stdout=subprocess.PIPE, text=True)
        self.other.set(account, "phone=news")
        self.other.sync()
        said, _ = waiting.communicate(timeout=harness.DEADLINE)
        self.assertEqual(json.loads(said)["pulled"], 1)
        self.assertEqual(self.laptop.show(account)["phone"], "news")

    def test_a_device_that_was_revoked_keeps_its_work(self):
        account = self.make_account()
        device = self.phone.status()["device"]
        self.phone.set(account, "phone=777")
        self.server.run("device", "revoke", device)
        self.assertEqual(self.phone.run("sync").code, REFUSED)
        self.assertEqual(self.phone.status()["pending"], 1)
        self.phone.enroll()
        self.settle()
        self.assertEqual(self.assert_same_everywhere(account)["phone"], "777")


if __name__ == "__main__":
    unittest.main()
