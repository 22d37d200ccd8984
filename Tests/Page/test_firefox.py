#!/usr/bin/env python3
"""The page in Debian's Firefox, by WebDriver BiDi itself: playwright drives only a Firefox of its own.

    test_firefox.py [--browser /usr/bin/firefox-esr] [--picture FILE]

A shorter list than test_page.py's: what differs between browsers. Needs websockets, and Pillow for the mock.
"""
import argparse
import base64
import contextlib
import itertools
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import traceback

from websockets.sync.client import connect

from mock_bridge import MockBridge, Server

WAIT = 15


class Firefox:
    def __init__(self, path):
        self.profile = tempfile.TemporaryDirectory()
        self.log = open(pathlib.Path(self.profile.name) / "log", "w+")
        self.process = subprocess.Popen(
            [path, "--headless", "--no-remote", "--profile", self.profile.name, "--remote-debugging-port", "0"],
            stdout=self.log, stderr=subprocess.STDOUT)
        address = None
        end = time.time() + 60
        while not address:
            if time.time() > end:
                raise RuntimeError("Firefox does not listen")
            time.sleep(0.2)
            self.log.seek(0)
            address = re.search(r"WebDriver BiDi listening on (ws://\S+)", self.log.read())
        self.ends = contextlib.ExitStack()
        self.socket = self.ends.enter_context(connect(address[1] + "/session", max_size=None))
        self.numbers, self.complaints = itertools.count(1), []
        self.call("session.new", {"capabilities": {}})
        self.call("session.subscribe", {"events": ["log.entryAdded"]})

    def call(self, method, parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] in ("error", "warn"):
                self.complaints.append(message["params"].get("text"))
            if message.get("id") == number:
                if message["type"] == "error":
                    raise RuntimeError(f"{method}: {message['message']}")
                return message["result"]

    def open(self, url):
        self.context = self.call("browsingContext.create", {"type": "tab"})["context"]
        self.call("browsingContext.setViewport", {"context": self.context, "viewport": {"width": 1366, "height": 768}})
        self.call("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def evaluate(self, expression):
        result = self.call("script.evaluate", {
            "expression": f"JSON.stringify({expression})", "target": {"context": self.context}, "awaitPromise": False})
        if result["type"] != "success":
            raise AssertionError(result["exceptionDetails"]["text"])
        value = result["result"].get("value")
        return None if value is None else json.loads(value)

    def keys(self, *keys):
        self.call("input.performActions", {"context": self.context, "actions": [{
            "type": "key", "id": "keyboard",
            "actions": [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]}]})

    def drag(self, source, target):
        """By the events that a mouse makes: a headless Firefox has no drag of the system's."""
        self.evaluate(
            f"(() => {{ const a = document.querySelector({json.dumps(source)}), b = document.querySelector("
            f"{json.dumps(target)}); const dataTransfer = new DataTransfer(); const at = (e, t) => e.dispatchEvent(new "
            "DragEvent(t, {bubbles: true, cancelable: true, dataTransfer})); at(a, 'dragstart'); at(b, 'dragover'); "
            "at(b, 'drop'); at(a, 'dragend'); return true })()")

    def until(self, expression, what):
        end = time.time() + WAIT
        while time.time() < end:
            if self.evaluate(expression):
                return
            time.sleep(0.1)
        raise AssertionError(f"not within {WAIT} s: {what}")

    def picture(self, file):
        data = self.call("browsingContext.captureScreenshot", {"context": self.context})["data"]
        pathlib.Path(file).write_bytes(base64.b64decode(data))

    def close(self):
        self.ends.close()
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        self.profile.cleanup()


def wait(condition, what):
    end = time.time() + WAIT
    while not condition():
        if time.time() > end:
            raise AssertionError(f"not within {WAIT} s: {what}")
        time.sleep(0.1)


def test_cards(firefox, bridge, server):
    firefox.until("document.querySelectorAll('.card').length === 13", "13 cards")
    firefox.until("document.querySelector('[data-site=tien-du] .card-health').textContent === 'Tốt'", "health in words")


def test_pictures(firefox, bridge, server):
    firefox.until("Number(document.getElementById('live').dataset.pictures ?? 0) > 5", "a moving preview")
    firefox.until("document.querySelectorAll('img.has-picture').length > 10", "thumbnails")
    firefox.until("new DOMMatrix(getComputedStyle(document.querySelector('.is-speaking .meter-bar')).transform).a > .4",
                  "a level that is heard")


def test_keyboard(firefox, bridge, server):
    firefox.keys("s", "\ue014", "5")
    pin = {"command": "pin", "site": "tinh-uy", "program": "room", "cell": 4}
    wait(lambda: pin in bridge.commands, f"{pin} in {bridge.commands}")
    firefox.keys("m")
    wait(lambda: bridge.site("tinh-uy").muted, "the mute")
    firefox.until("document.querySelector('[data-site=tinh-uy] .card-muted').textContent === 'Đã tắt tiếng'", "its badge")


def test_drag(firefox, bridge, server):
    firefox.drag(".card[data-site=cong-an]", "#live-cells .cell[data-cell='2']")
    pin = {"command": "pin", "site": "cong-an", "program": "room", "cell": 2}
    wait(lambda: pin in bridge.commands, f"{pin} in {bridge.commands}")


def test_prepare_take_undo(firefox, bridge, server):
    firefox.keys("p")
    firefox.evaluate("document.querySelector(\"[data-layout='1+5']\").click() ?? 1")
    wait(lambda: bridge.staged, "what is staged")
    firefox.until("document.getElementById('staged-picture').naturalWidth > 0", "the staged picture")
    with bridge.lock:
        assert bridge.layouts["room"] == "1+12"
    firefox.keys("t")
    wait(lambda: bridge.layouts["room"] == "1+5", "the take")
    firefox.keys("u")
    wait(lambda: bridge.layouts["room"] == "1+12", "the undo")
    firefox.keys("p")


def test_dialog(firefox, bridge, server):
    firefox.keys("?")
    firefox.until("document.querySelector('dialog[open]')?.textContent.includes('Phím tắt') ?? false", "the help")
    firefox.keys("\ue00c")
    firefox.until("!document.querySelector('dialog')", "its end")


def test_nothing_was_wrong(firefox, bridge, server):
    assert firefox.complaints == [], firefox.complaints


def test_reconnects(firefox, bridge, server):
    server.stop()
    bridge.rest()
    firefox.until("!document.getElementById('offline').hidden", "word that the line is lost")
    server.start()
    firefox.until("document.querySelector('#connection[data-state=on]') !== null", "the line again")
    firefox.until("document.getElementById('notices').textContent.includes('khởi động lại')", "word of the restart")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--browser", default="/usr/bin/firefox-esr")
    parser.add_argument("--picture")
    options = parser.parse_args()
    bridge = MockBridge()
    server = Server(bridge)
    firefox = Firefox(options.browser)
    passed = failed = 0
    try:
        firefox.open(server.url)
        for name, test in [each for each in globals().items() if each[0].startswith("test_")]:
            try:
                test(firefox, bridge, server)
                passed += 1
                print(f"ok    {name}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL  {name}", flush=True)
                traceback.print_exc()
            if options.picture and name == "test_pictures":
                firefox.picture(options.picture)
    finally:
        firefox.close()
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
