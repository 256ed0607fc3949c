# SPDX-License-Identifier: GPL-3.0-or-later
"""What an operator sees of a server: its log, what is audited, metrics; and what must never be seen there."""

import contextlib
import http.client
import json
import re
import subprocess
import time
import unittest

from satchel_server import FRAMES, PASSWORD, PATIENCE, Device, Server, ServerTest, new_id, write_frames

JSON = {"Content-Type": "application/json"}
NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABELS = r'\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"(?:,|(?=\})))+\}'


def read_lines(log):
    """The lines of a log in JSON."""
    return [json.loads(line) for line in log.splitlines()]


def scrape(server, path="/metrics"):
    where = re.search(r'"metrics":"http://([^/"]+)/metrics"', server.read_log())
    connection = http.client.HTTPConnection(where[1], timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type"), answer.read().decode()


def parse(text):
    """The samples of an exposition, which must keep to its format: each metric's lines together, after its HELP and TYPE."""
    samples, types, seen, current = {}, {}, set(), None
    assert text.endswith("\n") and not text.endswith("\n\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, current, words = line.split(" ", 3)
            assert words and current not in seen, line
            seen.add(current)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and kind in ("counter", "gauge", "histogram"), line
            types[name] = kind
        else:
            found = re.fullmatch(rf"({NAME})({LABELS})? ([0-9.]+)", line)
            assert found, line
            name, labels, value = found.groups()
            base = re.sub("_(bucket|sum|count)$", "", name) if types[current] == "histogram" else name
            assert base == current, line
            assert types[current] != "counter" or name.endswith("_total"), line
            assert (name, labels) not in samples, line
            samples[name, labels] = float(value)
    return samples, types


class OperationTest(ServerTest):
    options = ("--log-format", "json", "--metrics-listen", "127.0.0.1:0")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = Device(cls.server)

    def measure(self):
        return parse(scrape(self.server)[2])[0]

    def find(self, **wanted):
        return [line for line in read_lines(self.server.read_log())
                if all(line.get(name) == value for name, value in wanted.items())]

    def await_line(self, **wanted):
        """A request is told when its answer is on its way, which may be after it has come."""
        end = time.monotonic() + PATIENCE
        while not (found := self.find(**wanted)):
            self.assertLess(time.monotonic(), end, wanted)
        return found[-1]


class Log(OperationTest):
    def test_a_line_a_request(self):
        answer = self.server.ask("POST", "/v1/sync", self.device.make_request("Shop"), self.device.headers)
        self.device.take(answer)
        line = self.await_line(event="request", request=answer.headers["request-id"])
        self.assertEqual((line["level"], line["route"], line["status"], line["end"], line["device"]),
                         ("info", "POST /v1/sync", 200, "whole", self.device.id))
        self.assertGreaterEqual(line["ms"], 0)
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")

    def test_what_a_person_may_quote(self):
        refusals = [
            (self.server.ask("GET", "/v1/digests", headers={"Authorization": "Bearer nobody"}), "request"),
            (self.server.ask("GET", "/v1/digests"), "refused"),
            (self.server.ask("GET", "/nothing"), "refused"),
        ]
        for answer, event in refusals:
            self.assertEqual(answer.error["request"], answer.headers["request-id"])
            self.await_line(event=event, request=answer.error["request"], status=answer.status)

    def test_whose_it_was(self):
        for path in ("/v1/digests", "/v1/digests/org", f"/v1/records/account/{new_id()}",
                     f"/v1/records/account/{new_id()}/history"):
            answer = self.server.ask("GET", path, headers=self.device.headers)
            line = self.await_line(event="request", request=answer.headers["request-id"])
            self.assertEqual(line["device"], self.device.id)
            self.assertNotIn(path, json.dumps(line)[1:] if "{" not in line["route"] and "org" in path else "")

    def test_starting(self):
        self.assertEqual(len(self.find(event="started", url=self.server.url)), 1)


class Quiet(ServerTest):
    """With less to tell, what is to be audited is told."""

    options = ("--log-level", "warning")

    def test_only_what_matters(self):
        Device(self.server).sync("Shop")
        log = self.server.read_log()
        self.assertIn(" audit event=sign-in ", log)
        self.assertNotIn("event=request", log)
        self.assertNotIn(" info ", log)


class Audit(OperationTest):
    def run_command(self, *words):
        done = subprocess.run(self.server.command(*words, "--log-format", "json"), capture_output=True, text=True,
                              timeout=PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        self.assertEqual([line["level"] for line in lines], ["audit"])
        self.assertRegex(lines[0]["by"], r"^uid:\d+$")
        return lines[0], done.stdout.split()

    def test_signing_in_and_out(self):
        answer = self.server.sign_in()
        said = json.loads(answer.body)
        line = self.await_line(event="sign-in", request=answer.headers["request-id"])
        self.assertEqual((line["user"], line["device"], line["address"], line["way"], line["level"]),
                         (said["user"]["id"], said["device"], "127.0.0.1", "password", "audit"))

        answer = self.server.ask("DELETE", "/v1/devices/self", headers={"Authorization": f"Bearer {said['token']}"})
        line = self.await_line(event="sign-out", request=answer.headers["request-id"])
        self.assertEqual((line["user"], line["device"]), (said["user"]["id"], said["device"]))

    def test_failing_to(self):
        user = self.device.user
        for name, password, known in (("nancy", "wrong", user), ("nobody", "wrong", None)):
            answer = self.server.sign_in(name, password)
            line = self.await_line(event="sign-in-refused", request=answer.error["request"])
            self.assertEqual((line["reason"], line.get("user"), line["address"]), ("credentials", known, "127.0.0.1"))

    def test_what_an_administrator_does(self):
        line, printed = self.run_command("territory", "add", "Canaria")
        territory = printed[0]
        self.assertEqual((line["event"], line["territory"]), ("territory-added", territory))
        line, printed = self.run_command("user", "add", "canary")
        user = printed[0]
        self.assertEqual((line["event"], line["user"]), ("user-added", user))
        for words, event in ((("territory", "grant", "canary", "Canaria"), "grant"),
                             (("territory", "revoke", "canary", "Canaria"), "revoke")):
            line, _ = self.run_command(*words)
            self.assertEqual((line["event"], line["user"], line["territory"]), (event, user, territory))
        answer = self.server.ask("POST", "/v1/sync", self.device.make_request(
            {"type": "user", "id": new_id(), "kind": "create", "units": {"name": {"value": {"name": "canary two"}}}}),
            self.device.headers)
        self.device.take(answer)
        line = self.await_line(event="user-changed", request=answer.headers["request-id"])
        self.assertEqual((line["by"], line["device"]), (self.device.user, self.device.id))
        line, _ = self.run_command("user", "invite", "canary")
        self.assertEqual((line["event"], line["user"]), ("user-invited", user))
        line, _ = self.run_command("user", "disable", "canary")
        self.assertEqual((line["event"], line["user"]), ("user-disabled", user))
        device = Device(self.server)
        line, _ = self.run_command("device", "revoke", device.id)
        self.assertEqual((line["event"], line["device"]), ("device-revoked", device.id))
        line, _ = self.run_command("backup", self.server.folder + "/copy")
        self.assertEqual((line["event"], line["file"]), ("backup", self.server.folder + "/copy"))


class Metrics(OperationTest):
    def test_the_format(self):
        status, media_type, text = scrape(self.server)
        self.assertEqual((status, media_type), (200, "text/plain; version=0.0.4; charset=utf-8"))
        samples, types = parse(text)
        for name in (name for name, kind in types.items() if kind == "histogram"):
            series = {}
            for (found, labels), value in samples.items():
                if found == name + "_bucket":
                    rest, bound = re.fullmatch(r'\{(.*?),?le="([^"]+)"\}', labels).groups()
                    series.setdefault(rest, []).append((float(bound), value))
            self.assertTrue(series)
            for rest, buckets in series.items():
                self.assertEqual(buckets, sorted(buckets))
                self.assertEqual(buckets[-1][0], float("inf"))
                labels = "{%s}" % rest if rest else None
                self.assertEqual(buckets[-1][1], samples[name + "_count", labels])
                self.assertIn((name + "_sum", labels), samples)

    def test_nothing_else_is_there(self):
        self.assertEqual(scrape(self.server, "/healthz")[0], 404)
        self.assertRefused(self.server.ask("GET", "/metrics"), 404, "not_found")

    def test_counting(self):
        before = self.measure()
        self.device.sync("One", "Two")
        self.server.sign_in("nancy", "wrong")
        self.server.ask("GET", "/nothing")
        after = self.measure()

        def grown(name, labels=None):
            return after[name, labels] - before.get((name, labels), 0)

        self.assertEqual(grown("satchel_pushed_groups_total", '{result="applied"}'), 2)
        self.assertEqual(grown("satchel_pushed_units_total", '{outcome="applied"}'), 2)
        self.assertGreaterEqual(grown("satchel_pulled_changes_total"), 2)
        self.assertGreaterEqual(grown("satchel_feed_head"), 2)
        self.assertEqual(grown("satchel_sign_ins_total", '{result="credentials"}'), 1)
        self.assertEqual(grown("satchel_refused_requests_total", '{reason="not_found"}'), 1)
        self.assertGreaterEqual(grown("satchel_store_seconds_count", '{work="commit"}'), 1)
        self.assertGreaterEqual(grown("satchel_received_bytes_total"), 100)
        self.assertEqual(after["satchel_store_up", None], 1)
        self.assertEqual(after["satchel_build_info", '{version="0.1.0"}'], 1)

    def test_waiting(self):
        other = Device(self.server)
        other.sync()
        lag = self.measure()["satchel_feed_lag_seconds_count", None]
        line = other.begin_waiting()
        self.addCleanup(line.close)
        end = time.monotonic() + PATIENCE
        while self.measure()["satchel_waiting_devices", None] != 1:
            self.assertLess(time.monotonic(), end)
        self.device.sync("News")
        self.assertIn("News", other.take(line.read_answer()))
        while self.measure()["satchel_waiting_devices", None] != 0:
            self.assertLess(time.monotonic(), end)
        self.assertEqual(self.measure()["satchel_feed_lag_seconds_count", None], lag + 1)


class NoMetrics(unittest.TestCase):
    def test_not_where_others_can_connect(self):
        server = Server("--metrics-listen", "0.0.0.0:0")
        self.addCleanup(server.remove)
        done = subprocess.run(server.command("serve", *server.options), capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 2)
        self.assertIn("0.0.0.0:0", done.stderr)


class Canaries(OperationTest):
    """What comes in at any door, in any shape, is told nowhere."""

    def test_nothing_is_told_of_anyone(self):
        word = "canary"
        device = self.device
        bearer = {"Authorization": f"Bearer {word}", "Content-Type": FRAMES, "X-Note": word, "Cookie": word,
                  "X-Forwarded-For": word, "User-Agent": word, "Request-Id": word}
        self.server.add_user(word, PASSWORD + word)

        # Records, good and bad; groups that are refused; frames that nobody knows.
        device.sync(f"Shop {word}", device.make_account(word, preferences=word, nonsense=word),
                    {"type": word, "id": new_id(), "kind": "create", "units": {"name": {"value": {"name": word}}}},
                    {"type": "account", "id": word, "kind": "create", "units": {}},
                    {"type": "account", "id": new_id(), "kind": word, "units": {word: {"value": word}}})
        bodies = [write_frames({"begin": {"protocol": 1, "cursor": word, "nonce": word, "epoch": word}}),
                  write_frames({"begin": {"protocol": word}}), write_frames({word: {word: word}}),
                  write_frames({"begin": {"protocol": 1, "recovering": True, "epoch": word}},
                               {"have": {word: word}}, {"offer": {"type": word, "id": word, "name": word}}),
                  write_frames({"begin": {"protocol": 1}}, {"group": word}), word.encode(),
                  write_frames({"begin": {"protocol": 1}}, {"replay": {"n": 1, "outcome": word}})]
        for headers in (dict(device.headers, **{"X-Note": word}), bearer):
            for body in bodies:
                self.assertIsNotNone(self.server.ask("POST", "/v1/sync", body, headers))

        # Signing in, with anything.
        for members in ({"user": word, "password": PASSWORD + word, "device": word}, {"user": word, "password": word},
                        {"user": f"no {word}", "password": word, "device": word, "previous": word},
                        {"code": word, "device": word}, {"user": [word]}, {"protocol": word}, word):
            body = dict({"protocol": 1}, **members) if isinstance(members, dict) else members
            self.assertIsNotNone(self.server.ask("POST", "/v1/devices", json.dumps(body).encode(), JSON))
        self.server.ask("POST", "/v1/devices", b"{" + word.encode(), JSON)

        # Addresses, methods, heads.
        for method in ("GET", "DELETE", "POST", "PUT", word):
            for path in ("/v1/records/account/", "/v1/records/", "/v1/digests/", "/v1/devices/", "/v1/devices/self/", "/"):
                self.assertIsNotNone(self.server.ask(method, path + word, headers=bearer))
                self.server.ask(method, path + word + "/history?" + word + "=" + word, headers=dict(device.headers))
        for head in (f"GET /healthz HTTP/1.1\r\nHost: {word}\r\n{word}\r\n\r\n", f"{word}\r\n\r\n",
                     f"GET /healthz {word}\r\nHost: a\r\n\r\n", f"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: {word}\r\n\r\n",
                     f"POST /v1/devices HTTP/1.1\r\nHost: a\r\nContent-Length: {word}\r\n\r\n"):
            self.say(head)
        self.server.ask("DELETE", "/v1/devices/self", headers=bearer)
        self.server.ask("POST", "/v1/devices/self/token", headers=bearer)
        scrape(self.server, "/" + word)

        text = scrape(self.server)[2]
        log = self.server.read_log()
        for secret in (word, "nancy", PASSWORD, device.token, "Northwind"):
            self.assertNotIn(secret.lower(), text.lower())
            self.assertNotIn(secret.lower(), log.lower())
        self.assertGreater(len(read_lines(log)), 80)


if __name__ == "__main__":
    unittest.main()
