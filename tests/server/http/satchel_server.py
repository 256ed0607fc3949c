# SPDX-License-Identifier: GPL-3.0-or-later
"""A satchel-server of one's own, raw connections to it, and a device that is as simple as can be."""

import base64
import contextlib
import ctypes
import ctypes.util
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

PROGRAM = os.environ["SATCHEL_SERVER"]
PATIENCE = 60  # seconds: nothing takes so long, not even under sanitizers
FRAMES = "application/vnd.satchel.frames+zstd"
PASSWORD = "three blue hats"


# ---- Frames ---------------------------------------------------------------------------------------

zstd = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
for name in ("ZSTD_compress", "ZSTD_decompress", "ZSTD_compressBound"):
    getattr(zstd, name).restype = ctypes.c_size_t


def compress(data):
    bound = zstd.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(bound)
    n = zstd.ZSTD_compress(out, ctypes.c_size_t(bound), data, ctypes.c_size_t(len(data)), 3)
    return ctypes.string_at(out, n)


def decompress(data):
    most = 1024 * 1024
    while True:
        out = ctypes.create_string_buffer(most)
        n = zstd.ZSTD_decompress(out, ctypes.c_size_t(most), data, ctypes.c_size_t(len(data)))
        if n <= most:
            return ctypes.string_at(out, n)
        most *= 8
        assert most <= 64 * 1024 * 1024, "not a zstd frame"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def seal(lines):
    """The lines of a body, with its end."""
    text = "".join(line + "\n" for line in lines).encode()
    digest = hashlib.blake2b(text, digest_size=16).hexdigest()
    return text + json.dumps({"end": {"frames": len(lines), "digest": digest}}).encode() + b"\n"


def write_frames(*frames):
    return compress(seal([json.dumps(frame) for frame in frames]))


def read_frames(body):
    text = decompress(body)
    lines = [json.loads(line) for line in text.splitlines()]
    assert "end" in lines[-1], text
    return lines[:-1]


def new_id():
    at = int(time.time() * 1000).to_bytes(6, "big")
    value = bytearray(at + secrets.token_bytes(10))
    value[6] = 0x70 | value[6] & 0x0F
    value[8] = 0x80 | value[8] & 0x3F
    text = value.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


# ---- Answers --------------------------------------------------------------------------------------


class Answer:
    """An HTTP answer: status, headers in small letters, body."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def error(self):
        assert self.headers["content-type"] == "application/json", self.headers
        error = json.loads(self.body)["error"]
        assert error["message"].endswith("."), error
        return error

    @property
    def frames(self):
        assert self.headers["content-type"] == FRAMES, (self.status, self.body)
        return read_frames(self.body)


class Line:
    """A raw connection."""

    def __init__(self, stream):
        self.stream = stream
        stream.settimeout(PATIENCE)
        self.left = b""

    def send(self, data):
        self.stream.sendall(data if isinstance(data, bytes) else data.encode())

    def ask(self, method, path, body=None, headers=()):
        headers = dict({"Host": "localhost"}, **dict(headers))
        if body is not None:
            headers["Content-Length"] = len(body)
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.send(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + (body or b""))

    def _more(self):
        try:
            data = self.stream.recv(65536)
        except (ConnectionResetError, ssl.SSLEOFError):
            data = b""
        self.left += data
        return len(data) > 0

    def read_answer(self, bodiless=False):
        """The next answer; None when the connection ended instead."""
        while b"\r\n\r\n" not in self.left:
            if not self._more():
                assert not self.left, self.left
                return None
        head, self.left = self.left.split(b"\r\n\r\n", 1)
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        while len(self.left) < length:
            assert self._more(), "the answer was cut"
        body, self.left = self.left[:length], self.left[length:]
        return Answer(int(status.split()[1]), headers, body)

    def is_ended(self):
        """Whether the other side ends it, without another word."""
        while self._more():
            pass
        return self.left == b""

    def close(self):
        self.stream.close()


# ---- The server -----------------------------------------------------------------------------------


class Server:
    """satchel-server, in a folder of its own."""

    def __init__(self, *options, listen="127.0.0.1:0", plain=False):
        self.folder = tempfile.mkdtemp(prefix="satchel-")
        self.options = ["--listen", listen, *options]
        self.plain = plain
        self.process = None
        self.run("init", "--organisation", "Northwind Traders")
        if not plain:
            self.run("certificate", "--host", "localhost", "--host", "127.0.0.1")

    def command(self, *words):
        return [PROGRAM, *words, "--data-dir", self.folder]

    def run(self, *words, text=None):
        done = subprocess.run(self.command(*words), input=text, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_user(self, name, password=PASSWORD, role="admin"):
        self.run("user", "add", name, "--role", role, "--password-file", "-", text=password)

    def start(self):
        self.log = open(os.path.join(self.folder, "log"), "a+")
        self.process = subprocess.Popen(
            self.command("serve", *self.options), stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        line = self.process.stdout.readline()
        assert line, self.read_log_end()
        self.url = line.split()[-1]
        assert line == f"listening on {self.url}\n", line
        return self

    def read_log(self):
        with open(os.path.join(self.folder, "log")) as log:
            return log.read()

    def read_log_end(self):
        return "".join(self.read_log().splitlines(keepends=True)[-20:])

    def stop(self, number=signal.SIGTERM):
        """Ends it. Returns its exit code and what else it wrote to standard output."""
        self.process.send_signal(number)
        rest = self.process.stdout.read()
        code = self.process.wait(PATIENCE)
        self.process.stdout.close()
        self.process = None
        self.log.close()
        return code, rest

    def remove(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.log.close()
        shutil.rmtree(self.folder)

    # Connecting

    @property
    def address(self):
        if self.url.startswith("unix:"):
            return self.url[len("unix:") :]
        return ("127.0.0.1", int(self.url.rsplit(":", 1)[1]))

    def connect_plain(self, origin=None):
        family = socket.AF_UNIX if isinstance(self.address, str) else socket.AF_INET
        stream = socket.socket(family)
        stream.settimeout(PATIENCE)
        if origin:
            stream.bind((origin, 0))
        stream.connect(self.address)
        return stream

    def connect(self):
        stream = self.connect_plain()
        if not self.plain:
            context = ssl.create_default_context(cafile=os.path.join(self.folder, "tls", "ca.pem"))
            stream = context.wrap_socket(stream, server_hostname="localhost", suppress_ragged_eofs=True)
        return Line(stream)

    def ask(self, method, path, body=None, headers=()):
        with contextlib.closing(self.connect()) as line:
            line.ask(method, path, body, headers)
            return line.read_answer(bodiless=method == "HEAD")

    def sign_in(self, user="nancy", password=PASSWORD, **more):
        members = dict({"protocol": 1, "user": user, "password": password, "device": "a test"}, **more)
        return self.ask(
            "POST", "/v1/devices", json.dumps(members).encode(), {"Content-Type": "application/json"}
        )


class Device:
    """A device that pushes accounts and remembers its cursor."""

    def __init__(self, server, user="nancy"):
        answer = server.sign_in(user)
        assert answer.status == 201, answer.body
        signed_in = json.loads(answer.body)
        self.server, self.id, self.token = server, signed_in["device"], signed_in["token"]
        self.user = signed_in["user"]["id"]
        self.cursor = self.nonce = None
        self.n, self.hash = 0, ""

    @property
    def headers(self):
        return {"Authorization": f"Bearer {self.token}", "Content-Type": FRAMES}

    @staticmethod
    def make_account(name, **units):
        units = dict({"name": name}, **units)
        return {"type": "account", "id": new_id(), "kind": "create",
                "units": {unit: {"value": {unit: value}} for unit, value in units.items()}}

    def make_group(self, *mutations):
        group = {"n": self.n + 1, "strict": False, "at": "2026-03-01T10:00:00.000Z", "mutations": mutations}
        group["hash"] = hashlib.sha256(f"{self.hash}\n{canonical(group)}".encode()).hexdigest()
        self.n, self.hash = group["n"], group["hash"]
        return group

    def make_request(self, *accounts, wait=0):
        """A request that pushes accounts, given by name or whole, in a group each."""
        begin = {"protocol": 1, "wait": wait, "groups": len(accounts)}
        if self.cursor:
            begin["cursor"] = self.cursor
        if self.nonce:
            begin["nonce"] = self.nonce
        if accounts:
            begin["proposed"] = secrets.token_hex(16)
        accounts = [self.make_account(account) if isinstance(account, str) else account for account in accounts]
        return write_frames({"begin": begin}, *({"group": self.make_group(account)} for account in accounts))

    def take(self, answer):
        """Notes what an answer says, and returns the names of the accounts that it brought."""
        assert answer is not None and answer.status == 200, answer and answer.body
        names = []
        for frame in answer.frames:
            assert "fork" not in frame, frame
            if "put" in frame and frame["put"]["type"] == "account":
                names.append(frame["put"]["name"])
            if "page" in frame:
                self.cursor = frame["page"]["cursor"]
                self.nonce = frame["page"].get("nonce", self.nonce)
                self.is_at_head = frame["page"]["head"] and not frame["page"]["arriving"]
        return names

    def sync(self, *accounts):
        with contextlib.closing(self.server.connect()) as line:
            found = self.sync_on(line, *accounts)
            while not self.is_at_head:
                found += self.sync_on(line)
        return found

    def sync_on(self, line, *accounts):
        line.ask("POST", "/v1/sync", self.make_request(*accounts), self.headers)
        return self.take(line.read_answer())

    def begin_waiting(self, seconds=60):
        """Sends a request that waits, and returns its connection."""
        line = self.server.connect()
        line.ask("POST", "/v1/sync", self.make_request(wait=seconds), self.headers)
        return line


# ---- Tests ----------------------------------------------------------------------------------------


class ServerTest(unittest.TestCase):
    """Tests of one server, which they share."""

    options = ()
    listen = "127.0.0.1:0"
    plain = False
    users = ("nancy",)

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.options, listen=cls.listen, plain=cls.plain)
        cls.addClassCleanup(cls.server.remove)
        for user in cls.users:
            cls.server.add_user(user)
        cls.server.start()

    @classmethod
    def tearDownClass(cls):
        code, rest = cls.server.stop()
        log = cls.server.read_log()
        assert code == 0, (code, cls.server.read_log_end())
        assert rest == "", rest
        assert " warning event=" not in log and " error event=" not in log, cls.server.read_log_end()

    def assertRefused(self, answer, status, code):
        self.assertIsNotNone(answer, "the connection ended without an answer")
        self.assertEqual((answer.status, answer.error["code"]), (status, code))

    def connect(self):
        line = self.server.connect()
        self.addCleanup(line.close)
        return line

    def say(self, text):
        """What a connection of its own answers to raw bytes."""
        line = self.connect()
        line.send(text)
        return line.read_answer()
