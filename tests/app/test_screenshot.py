#!/usr/bin/env python3
"""Pictures of the app, taken from outside as a person or a script would take them."""

import os
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

SATCHEL = os.environ['SATCHEL']


def read_png(path):
    """Width, height and the number of different rows: a blank picture has one."""
    with open(path, 'rb') as file:
        data = file.read()
    assert data[:8] == b'\x89PNG\r\n\x1a\n', 'not a PNG'
    width, height = struct.unpack('>II', data[16:24])
    position, pixels = 8, b''
    while position < len(data):
        length, kind = struct.unpack('>I4s', data[position:position + 8])
        if kind == b'IDAT':
            pixels += data[position + 8:position + 8 + length]
        position += length + 12
    rows = zlib.decompress(pixels)
    stride = len(rows) // height
    return width, height, len({rows[i * stride:(i + 1) * stride] for i in range(height)})


# What the address sanitizer says of every program with fibers.
SANITIZER_NOTE = "ASan doesn't fully support makecontext/swapcontext"


class Screenshot(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix='satchel-picture-')
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.replica = os.path.join(self.folder, 'replica.db')
        self.picture = os.path.join(self.folder, 'picture.png')

    def satchel(self, *arguments):
        environment = dict(os.environ, XDG_DATA_HOME=self.folder, XDG_CONFIG_HOME=self.folder)
        done = subprocess.run([SATCHEL, '--replica', self.replica, *arguments], env=environment, capture_output=True,
                              text=True, timeout=100)
        done.stderr = ''.join(line for line in done.stderr.splitlines(True) if SANITIZER_NOTE not in line)
        return done

    def shoot(self, *arguments):
        return self.satchel('--screenshot', self.picture, *arguments)

    def test_takes_the_size_that_was_asked_for(self):
        for width, height in (360, 720), (720, 313), (1280, 800):
            with self.subTest(width=width):
                done = self.shoot('--width', str(width), '--height', str(height))
                self.assertEqual(done.returncode, 0, done.stderr)
                shown_width, shown_height, rows = read_png(self.picture)
                self.assertEqual((shown_width, shown_height), (width, height))
                self.assertGreater(rows, 20)

    def test_dark_differs_from_light(self):
        self.shoot('--width', '360', '--height', '720')
        with open(self.picture, 'rb') as file:
            light = file.read()
        self.shoot('--width', '360', '--height', '720', '--dark')
        with open(self.picture, 'rb') as file:
            self.assertNotEqual(file.read(), light)

    def test_unknown_page_is_wrong_usage(self):
        done = self.shoot('--page', 'atlantis')
        self.assertEqual(done.returncode, 2)
        self.assertIn('atlantis', done.stderr)
        self.assertFalse(os.path.exists(self.picture))

    def test_picture_that_cannot_be_written(self):
        self.picture = os.path.join(self.folder, 'nowhere', 'picture.png')
        done = self.shoot()
        self.assertEqual(done.returncode, 1)
        self.assertIn('nowhere', done.stderr)

    def test_replica_of_a_newer_version(self):
        self.shoot()
        with sqlite3.connect(self.replica) as replica:
            replica.execute('PRAGMA user_version = 9999')
        done = self.shoot('--width', '360', '--height', '720')
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.startswith('satchel: '), done.stderr)
        self.assertEqual(read_png(self.picture)[:2], (360, 720))

    def test_damaged_replica_is_set_aside(self):
        with open(self.replica, 'wb') as file:
            file.write(b'SQLite format 3\0' + os.urandom(8192))
        done = self.shoot()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(len([name for name in os.listdir(self.folder) if name.startswith('replica.db')]), 1)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
