# SPDX-License-Identifier: GPL-3.0-or-later
"""A real satchel-server over TLS and real satchelctl devices, in temporary folders."""

import atexit
import functools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

SATCHELCTL = os.environ.get("SATCHELCTL", "satchelctl")
SATCHEL_SERVER = os.environ.get("SATCHEL_SERVER", "satchel-server")
PASSWORD = "correct horse battery"
DEADLINE = 120  # seconds until a command counts as hung; not a measure of speed

DONE, FAILED, USAGE, UNREACHABLE, REFUSED, WAITING = range(6)


class Result:
    """What one command gave back."""

    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    def json(self):
        return json.loads(self.out)

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]


def run(arguments, environment=None, stdin=None):
    process = subprocess.run(arguments, env=environment, input=stdin, capture_output=True, text=True,
                             timeout=DEADLINE, encoding="utf-8")
    if "Sanitizer" in process.stderr or process.returncode < 0:
        raise AssertionError(f"{arguments}: {process.returncode}\n{process.stderr}")
    return Result(process)


class Server:
    """satchel-server with a store of its own; users share one password."""

    def __init__(self, folder, like=None):
        self.folder = folder
        self.process = None
        self.port = 0
        self.password_file = os.path.join(folder, "password")
        self.ca_file = os.path.join(self.data_dir, "tls", "ca.pem")
        with open(self.password_file, "w", encoding="utf-8") as file:
            file.write(PASSWORD + "\n")
        if like is not None:
            shutil.copytree(like.data_dir, self.data_dir)
            return
        self.run("init", "--organisation", "Test Traders")
        self.run("certificate", "--host", "localhost", "--host", "127.0.0.1")

    @property
    def data_dir(self):
        return os.path.join(self.folder, "server")

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def run(self, *arguments, check=True, stdin=None):
        result = run([SATCHEL_SERVER, *arguments, "--data-dir", self.data_dir], stdin=stdin)
        if check and result.code != DONE:
            raise AssertionError(f"satchel-server {arguments}: {result.code}: {result.err}")
        return result

    def start(self, *arguments):
        self.log = open(os.path.join(self.folder, "server.log"), "a", encoding="utf-8")
        self.process = subprocess.Popen(
            [SATCHEL_SERVER, "serve", "--listen", f"127.0.0.1:{self.port}", "--data-dir", self.data_dir, *arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise AssertionError(f"the server said {line!r}: {self.read_log()}")
        self.port = int(line.rsplit(":", 1)[1])
        return self

    def read_log(self):
        self.log.flush()
        with open(self.log.name, encoding="utf-8") as file:
            return file.read()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.process = None

    def stop(self):
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(DEADLINE)
        self.process.stdout.close()
        self.log.close()
        self.process = None
        if code != 0:
            with open(os.path.join(self.folder, "server.log"), encoding="utf-8") as file:
                raise AssertionError(f"the server ended with {code}: {file.read()[-4000:]}")
        return code

    def add_territory(self, name):
        return self.run("territory", "add", name).out.split()[-1]

    def add_user(self, name, *territories, role="rep"):
        granted = [word for territory in territories for word in ("--territory", territory)]
        return self.run("user", "add", name, "--role", role, *granted,
                        "--password-file", self.password_file).out.split()[-1]


class Team:
    """A store with people in it, made once for all tests of a process: passwords are slow to hash, and should be."""

    def __init__(self):
        folder = tempfile.mkdtemp(prefix="satchel-test-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        self.server = Server(folder)
        self.north = self.server.add_territory("North")
        self.south = self.server.add_territory("South")
        self.server.add_user("anna", "North")
        self.server.add_user("boris", "North")
        self.server.add_user("carla", "South")


@functools.cache
def get_team():
    return Team()


class Device:
    """One replica with satchelctl; its folders are its own."""

    def __init__(self, folder, server, user, name, url=None):
        self.folder = os.path.join(folder, name)
        os.makedirs(self.folder)
        self.server = server
        self.user = user
        self.name = name
        self.url = url
        self.replica = os.path.join(self.folder, "replica.db")
        self.environment = {
            **os.environ,
            "HOME": self.folder,
            "XDG_DATA_HOME": os.path.join(self.folder, "data"),
            "XDG_CONFIG_HOME": os.path.join(self.folder, "config"),
            "XDG_CACHE_HOME": os.path.join(self.folder, "cache"),
            "SATCHEL_REPLICA": self.replica,
        }
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)

    def copy(self, name):
        """The same replica and the same key somewhere else, as after a backup was played back."""
        folder = os.path.join(os.path.dirname(self.folder), name)
        shutil.copytree(self.folder, folder)
        twin = Device.__new__(Device)
        twin.__dict__.update(self.__dict__)
        twin.folder, twin.name, twin.replica = folder, name, os.path.join(folder, "replica.db")
        twin.environment = {**self.environment, "HOME": folder, "XDG_DATA_HOME": os.path.join(folder, "data"),
                            "SATCHEL_REPLICA": twin.replica}
        return twin

    def run(self, *arguments, stdin=None):
        return run([SATCHELCTL, *arguments], self.environment, stdin)

    def do(self, *arguments, stdin=None, codes=(DONE,)):
        result = self.run(*arguments, stdin=stdin)
        if result.code not in codes:
            raise AssertionError(f"{self.name}: satchelctl {arguments}: {result.code}: {result.err}{result.out}")
        return result

    def enroll(self):
        self.do("enroll", self.url or self.server.url, "--user", self.user, "--password-file",
                self.server.password_file, "--ca-file", self.server.ca_file, "--device", self.name)
        return self

    def sync(self, codes=(DONE, WAITING)):
        return self.do("sync", "--json", codes=codes).json()

    def add(self, kind, **fields):
        return self.do("add", kind, *[f"{name}={value}" for name, value in fields.items()]).out.strip()

    def set(self, record, *assignments):
        return self.do("set", record, *assignments)

    def show(self, record):
        return self.do("show", record, "--json").json()

    def list(self, kind, *arguments):
        return self.do("list", kind, "--json", *arguments).lines()

    def conflicts(self):
        return self.do("conflicts", "--json", codes=(DONE, WAITING)).lines()

    def tray(self):
        return self.do("tray", "--json", codes=(DONE, WAITING)).lines()

    def status(self):
        return self.do("status", "--json").json()


class Proxy:
    """A TCP proxy that misbehaves on demand: `drop_replies` closes instead of passing the next answers on."""

    def __init__(self, port):
        self.target = port
        self.drop_replies = 0
        self.dropped = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        """Counts what the server sends after the handshake: an answer that is to be dropped never leaves."""
        with client, socket.create_connection(("127.0.0.1", self.target)) as server:
            sent = 0
            while True:
                readable, _, _ = select.select([client, server], [], [])
                for source in readable:
                    try:
                        data = source.recv(65536)
                    except OSError:
                        data = b""
                    if not data:
                        return
                    if source is client:
                        sent += len(data)
                        server.sendall(data)
                    elif self.drop_replies > 0 and self.is_answer(data, sent):
                        self.drop_replies -= 1
                        self.dropped += 1
                        return
                    else:
                        client.sendall(data)

    @staticmethod
    def is_answer(data, sent):
        """TLS application data (23) after the client has sent more than a handshake."""
        return data[0] == 23 and sent > 1200

    def close(self):
        self.listener.close()


class TestCase(unittest.TestCase):
    """A folder, a server when asked for, and devices; all gone afterwards."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="satchel-test-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start_server(self, *arguments, like=None):
        server = Server(self.folder, like)
        server.start(*arguments)
        self.addCleanup(server.stop)
        return server

    def start_team(self):
        """Two devices of anna, one of boris, both granted North; carla has South to herself."""
        team = get_team()
        self.server = self.start_server(like=team.server)
        self.north, self.south = team.north, team.south
        self.phone = self.device("anna", "phone")
        self.laptop = self.device("anna", "laptop")
        self.other = self.device("boris", "other")
        self.devices = [self.phone, self.laptop, self.other]

    def device(self, user, name, url=None, server=None):
        device = Device(self.folder, server or self.server, user, name, url).enroll()
        device.sync()
        return device

    def settle(self, *devices):
        """Syncs until everybody has everybody's work: twice round is enough."""
        for _ in range(2):
            for device in devices or self.devices:
                device.sync()

    def assert_same_everywhere(self, record, devices=None):
        shown = [device.show(record) for device in devices or self.devices]
        for other in shown[1:]:
            self.assertEqual(shown[0], other)
        return shown[0]
