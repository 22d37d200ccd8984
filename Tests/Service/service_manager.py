#!/usr/bin/env python3
"""Plays systemd to a bridge: what it says over NOTIFY_SOCKET, and when (sd_notify(3)).

    Tests/Service/service_manager.py [BINARY]
"""

import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = ROOT / ".build" / "release" / "mcu-server"
# Above those of the other tests, below the kernel's own choice.
MEDIA, HTTP = 31700, 31790
WATCHDOG = 0.9
# A name server that says nothing for as long as a test takes.
SILENCE = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>
typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    if (!node || strcmp(node, "silent.example")) return ((lookup *)dlsym(RTLD_NEXT, "getaddrinfo"))(node, service, hints, result);
    sleep(30);
    return EAI_AGAIN;
}
"""


@contextlib.contextmanager
def stopped(process, name):
    """One thread of a process stands still (ptrace(2))."""
    seize, interrupt, detach, all_threads = 0x4206, 0x4207, 17, 0x40000000
    thread = next(int(each.name) for each in pathlib.Path(f"/proc/{process}/task").iterdir()
                  if (each / "comm").read_text().strip() == name)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long] + [ctypes.c_long] * 3

    def trace(request):
        if libc.ptrace(request, thread, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of thread {thread}")

    trace(seize)
    trace(interrupt)
    os.waitpid(thread, all_threads)
    try:
        yield
    finally:
        trace(detach)


class Manager:
    """A datagram socket that a bridge reports to, and the bridge."""

    def __init__(self, address, environment=None, flags=()):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self.started = time.monotonic()
        self.bridge = subprocess.Popen(
            [BINARY, "run", "--bind", "127.0.0.1", "--http", f"127.0.0.1:{HTTP}", "--size", "320x180", "--fps", "15",
             "--site", f"id=gia-binh,audio={MEDIA},video={MEDIA + 2},to=127.0.0.1:{MEDIA + 10}",
             "--site", f"id=que-vo,audio={MEDIA + 4},video={MEDIA + 6},to=127.0.0.1:{MEDIA + 14}", *flags],
            env={**os.environ, "NOTIFY_SOCKET": address, **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.bridge.kill()
        self.bridge.wait()
        self.bridge.stderr.close()

    def next(self, seconds):
        """The next message as a dictionary; None if none comes in time."""
        self.socket.settimeout(seconds)
        try:
            message = self.socket.recv(4096).decode()
        except TimeoutError:
            return None
        return dict(line.split("=", 1) for line in message.splitlines())

    def until(self, key, seconds=20):
        """The first message with `key`."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self.next(left)
            if message and key in message:
                return message
        raise AssertionError(f"no {key} within {seconds} s; the bridge says: {self.end()[1]}")

    def until_status(self, words, seconds):
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if (message := self.next(left)) and message.get("STATUS") == words:
                return
        raise AssertionError(f"no status {words!r} within {seconds} s")

    def end(self):
        """Its exit code, and its log."""
        if self.bridge.poll() is None:
            self.bridge.send_signal(signal.SIGTERM)
        _, log = self.bridge.communicate(timeout=15)
        return self.bridge.returncode, log


class ServiceManagerTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="mcu-service-")
        self.address = f"{self.folder.name}/notify"

    def tearDown(self):
        self.folder.cleanup()

    def test_a_bridge_is_ready_alive_and_ending(self):
        with Manager(self.address, {"WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}) as manager:
            first = manager.next(20)
            self.assertEqual(first["READY"], "1", "nothing is said before it is ready")
            self.assert_ports_are_bound()
            self.assertRegex(first["STATUS"], r"^0 of 2 sites are live$")
            beats, deadline = [], time.monotonic() + 3
            while time.monotonic() < deadline:
                manager.until("WATCHDOG", 3)
                beats.append(time.monotonic())
            gaps = [after - before for before, after in zip(beats, beats[1:])]
            self.assertLess(max(gaps), WATCHDOG, "it beats before the watchdog barks")
            self.assertGreater(len(beats), 6)
            manager.bridge.send_signal(signal.SIGTERM)
            manager.until("STOPPING", 5)
            self.assertEqual(manager.end()[0], 0)

    def test_the_socket_may_be_abstract(self):
        with Manager(f"@mcu-server-test-{os.getpid()}") as manager:
            manager.until("READY")
            self.assertIn("WATCHDOG", manager.until("WATCHDOG", 3), "without WATCHDOG_USEC it beats once a second")
            self.assertEqual(manager.end()[0], 0)

    def test_a_bridge_whose_ticks_stand_does_not_beat(self):
        with Manager(self.address, {"WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}) as manager:
            manager.until("WATCHDOG")
            # The thread of the sound alone; all others go on.
            with stopped(manager.bridge.pid, "audio"):
                manager.until_status("a tick is overdue", 3)
                deadline = time.monotonic() + 2
                while (left := deadline - time.monotonic()) > 0:
                    self.assertNotIn("WATCHDOG", manager.next(left) or {})
            manager.until("WATCHDOG", 5)
            self.assertEqual(manager.end()[0], 0)

    def test_a_bridge_whose_tasks_all_wait_beats(self):
        library = f"{self.folder.name}/silence.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", library, "-ldl"], input=SILENCE, text=True,
                       check=True)
        environment = {"WATCHDOG_USEC": str(int(WATCHDOG * 1e6)), "LD_PRELOAD": library}
        with Manager(self.address, environment) as manager:
            manager.until("WATCHDOG")
            # Whoever adds a site waits for the address of its host; those for more than all threads of tasks.
            adders = [threading.Thread(target=self.add, args=(number,), daemon=True)
                      for number in range(2 * os.cpu_count())]
            for adder in adders:
                adder.start()
            last, deadline = time.monotonic(), time.monotonic() + 4
            while time.monotonic() < deadline:
                manager.until("WATCHDOG", WATCHDOG)
                self.assertLess(time.monotonic() - last, WATCHDOG, "it beats before the watchdog barks")
                last = time.monotonic()
            self.assertTrue(all(adder.is_alive() for adder in adders), "they wait all the time")

    def test_the_watchdog_of_another_process_is_not_ours(self):
        with Manager(self.address, {"WATCHDOG_USEC": "90000", "WATCHDOG_PID": "1"}) as manager:
            manager.until("READY")
            manager.until("WATCHDOG")
            before = time.monotonic()
            manager.until("WATCHDOG")
            self.assertGreater(time.monotonic() - before, 0.5)
            self.assertEqual(manager.end()[0], 0)

    def test_a_port_that_is_taken_is_never_ready(self):
        with socket.create_server(("127.0.0.1", HTTP)), Manager(self.address) as manager:
            manager.bridge.wait(20)
            self.assertEqual(manager.bridge.returncode, 1)
            manager.socket.settimeout(0.2)
            said = []
            while message := manager.next(0.2):
                said.append(message)
            self.assertFalse([each for each in said if "READY" in each])

    def test_a_socket_that_is_not_one_is_refused_in_words(self):
        for address in ("relative/path", "@", "/" + "x" * 200):
            output = self.run_shortly(address)
            self.assertIn("NOTIFY_SOCKET is no address", output)

    @staticmethod
    def add(number):
        """Asks for one more site, whose host nobody knows."""
        command = {"command": "add", "spec": f"id=xa-{number},audio={MEDIA + 20 + 2 * number},to=silent.example:7000"}
        # The bridge is killed before it answers.
        with contextlib.suppress(OSError, http.client.HTTPException):
            urllib.request.urlopen(urllib.request.Request(
                f"http://127.0.0.1:{HTTP}/v1/commands", json.dumps(command).encode(),
                {"Content-Type": "application/json"}), timeout=60).close()

    def run_shortly(self, address):
        bridge = subprocess.Popen(
            [BINARY, "run", "--http", "off", "--bind", "127.0.0.1", "--size", "320x180",
             "--site", f"id=gia-binh,audio={MEDIA},video={MEDIA + 2},to=127.0.0.1:{MEDIA + 10}"],
            env={**os.environ, "NOTIFY_SOCKET": address}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        time.sleep(1)
        bridge.send_signal(signal.SIGTERM)
        output, _ = bridge.communicate(timeout=15)
        self.assertEqual(bridge.returncode, 0)
        return output

    def assert_ports_are_bound(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{HTTP}/healthz", timeout=2) as answer:
            self.assertEqual(answer.status, 200)
        for port in range(MEDIA, MEDIA + 8):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, self.assertRaises(OSError, msg=str(port)):
                taken.bind(("127.0.0.1", port))


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        BINARY = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main(verbosity=2)
