# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/server.md, followed word for word: every block of commands that needs no root, one after the other."""

import os
import re
import signal
import socket
import subprocess

import harness
from harness import DONE

GUIDE = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "server.md")

# A person sees when a server has started; a script has to look.
PRELUDE = """
set -euo pipefail
set -m
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
await() {
  for n in $(seq 600); do (: >/dev/tcp/127.0.0.1/$1) 2>/dev/null && return; sleep 0.1; done
  echo "nobody listens on $1" >&2
  return 1
}
"""


def find_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


class Guide(harness.TestCase):
    def read_blocks(self):
        with open(GUIDE, encoding="utf-8") as file:
            return re.findall(r"^```sh\n(.*?)^```$", file.read(), re.M | re.S)

    def write_script(self, blocks):
        """Ports that nobody else has, and waiting for what was started."""
        ports = {port: find_port() for port in ("8443", "9464")}
        script = PRELUDE + "".join(
            block + (f"await {re.search(r'--listen 127.0.0.1:(\d+)', block)[1]}\n" if block.endswith("&\n") else "")
            for block in blocks)
        for port, free in ports.items():
            script = script.replace(port, free)
        return script, ports

    def test_word_for_word(self):
        blocks = self.read_blocks()
        self.assertGreater(len(blocks), 8)
        script, ports = self.write_script(blocks)
        script += f"""
await {ports["9464"]}
exec 3<>/dev/tcp/127.0.0.1/{ports["9464"]}
printf 'GET /metrics HTTP/1.0\\r\\n\\r\\n' >&3
cat <&3
satchelctl list account
satchelctl status
kill %1 && wait %1
"""
        folder = os.path.join(self.folder, "home")
        os.mkdir(folder)
        programs = os.pathsep.join(os.path.dirname(program) for program in (harness.SATCHELCTL, harness.SATCHEL_SERVER))
        environment = {"HOME": folder, "PATH": programs + os.pathsep + os.environ["PATH"], "LANG": "C.UTF-8",
                       **{name: os.environ[name] for name in os.environ if name.endswith("_OPTIONS")}}
        process = subprocess.Popen(["bash", "-c", script], cwd=folder, env=environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, err = process.communicate(timeout=4 * harness.DEADLINE)
        finally:
            self.end(process)
        self.assertEqual(process.returncode, DONE, f"{out}\n{err}")
        self.assertIn("Familia Arquibaldo", out)
        self.assertRegex(out, r"pending\s+0")
        self.assertIn("satchel_build_info{", out)
        self.assertIn("event=restore", err)

    @staticmethod
    def end(process):
        """What was left running by a failure: jobs have groups of their own, so they are found by their session."""
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    if os.getsid(int(entry)) == process.pid:
                        os.kill(int(entry), signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    pass

    def test_every_setting_is_explained(self):
        """The page says how to list them; the example names only what is there."""
        known = set(re.findall(r"--([a-z-]+)", harness.run([harness.SATCHEL_SERVER, "serve", "--help"]).out))
        example = os.path.join(os.path.dirname(GUIDE), "..", "sync", "server", "system", "server.conf")
        with open(example, encoding="utf-8") as file:
            named = re.findall(r"^#?([a-z-]+)=", file.read(), re.M)
        self.assertTrue(named)
        self.assertLessEqual(set(named), known)
