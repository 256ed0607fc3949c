#!/usr/bin/env python3
"""The running app, asked for things from outside as the desktop would ask."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

SATCHEL = os.environ['SATCHEL']
NAME = 'org.satchelcrm.Satchel'
PATIENCE = 120


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        assert time.monotonic() < deadline, 'waited in vain'
        time.sleep(0.05)


# What the address sanitizer says of every program with fibers.
SANITIZER_NOTE = "ASan doesn't fully support makecontext/swapcontext"


class Actions(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='satchel-actions-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.environment = dict(os.environ, XDG_DATA_HOME=self.folder, XDG_CONFIG_HOME=self.folder)
        self.environment.pop('SATCHEL_REPLICA', None)
        self.app = subprocess.Popen([SATCHEL], env=self.environment, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        wait_until(lambda: 'quit' in self.actions())

    def stop(self):
        if self.app.poll() is None:
            self.app.kill()
        self.app.communicate()

    def gapplication(self, *arguments):
        return subprocess.run(['gapplication', *arguments], capture_output=True, text=True, timeout=PATIENCE)

    def actions(self):
        done = subprocess.run(['gdbus', 'call', '--session', '--dest', NAME, '--object-path', '/org/satchelcrm/Satchel',
                               '--method', 'org.gtk.Actions.List'], capture_output=True, text=True, timeout=PATIENCE)
        return done.stdout

    def activate(self, name, *parameter):
        done = self.gapplication('action', NAME, name, *parameter)
        self.assertEqual(done.returncode, 0, done.stderr)

    def quit(self):
        self.activate('quit')
        _, errors = self.app.communicate(timeout=PATIENCE)
        self.assertEqual(self.app.returncode, 0, errors)
        self.assertEqual([line for line in errors.splitlines() if SANITIZER_NOTE not in line], [])

    def count_accounts(self, name):
        path = os.path.join(self.folder, 'satchel', name)
        if not os.path.exists(path):
            return 0
        try:
            with contextlib.closing(sqlite3.connect(f'file:{path}?mode=ro', uri=True)) as replica:
                return replica.execute('SELECT count(*) FROM account').fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def test_everything_can_be_asked_for(self):
        actions = self.actions()
        for name in ('place', 'new', 'new-account', 'new-contact', 'new-note', 'new-call', 'new-visit', 'new-task',
                     'search', 'undo', 'sync', 'back', 'open-record', 'history', 'preferences', 'shortcuts', 'about', 'quit',
                     'demo', 'leave-demo', 'sign-out', 'sign-in'):
            self.assertIn(f"'{name}'", actions)
        self.quit()

    def test_the_demo_has_a_file_of_its_own(self):
        self.activate('demo')
        wait_until(lambda: self.count_accounts('demo.db') == 91)
        self.assertEqual(self.count_accounts('replica.db'), 0)
        self.activate('place', "'sync'")
        self.activate('leave-demo')
        self.quit()

    def test_every_dialog_opens(self):
        for name in 'preferences', 'shortcuts', 'about':
            self.activate(name)
        self.quit()

    def test_a_second_start_joins_the_first(self):
        second = subprocess.run([SATCHEL, '--page', 'sync'], env=self.environment, capture_output=True, text=True,
                                timeout=PATIENCE)
        self.assertEqual(second.returncode, 0, second.stderr)
        self.assertIsNone(self.app.poll())
        self.quit()

    def test_a_link_that_leads_nowhere_does_no_harm(self):
        for link in 'satchel:nonsense', 'satchel:account/019b8b74-1800-7444-bd5a-49f0aed5f70f':
            done = subprocess.run([SATCHEL, link], env=self.environment, capture_output=True, text=True,
                                  timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
        self.quit()


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
