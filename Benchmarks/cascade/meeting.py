"""The cascade as processes: a bridge and a room at every node, and the lines between the bridges."""

import json
import math
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
import pathlib

from tree import NODES, ROOT, children, tone

SIZE = (480, 270)
# Of the rooms' cameras too.
RATE = 15
TOKEN = "cascade-demo"
# Seconds that each room speaks, one after the other.
TURN = 3
CONTROL = 9000
_BUILD = ROOT / ".build" / "release"


def route_port(id, direction):
    """Where the line between a node and its parent takes the sound; RTCP, pictures and their RTCP follow."""
    return 10000 + 20 * list(NODES).index(id) + (0 if direction == "up" else 10)


def room_port(id):
    """Where a room takes the sound; its picture comes two above. Its own at every room: ffmpeg opens what an SDP file says at every
    address of the host, and loopback addresses are one host's."""
    return 6000 + 10 * list(NODES).index(id)


class Meeting:
    """Everything that runs beside the script itself; `stop` ends all of it."""

    def __init__(self, network, line, seconds):
        self._network = network
        self._line = line
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcu-cascade-"))
        self._processes = []
        self._rooms = {}
        self.bridges = {}
        try:
            self._relay = self._start("lines", None, [
                _BUILD / "impair", *self._routes(), "--control", f"{network.address(None)}:{CONTROL}",
                "--seconds", seconds])
            for id in NODES:
                self.bridges[id] = self._start(id, id, [_BUILD / "mcu-server", "run", *self.flags(id)])
            for id in NODES:
                self._wait_until_healthy(id)
            self.start = time.time()
            for id in NODES:
                self.send(id)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for process in reversed(self._processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    # The bridges

    def flags(self, id):
        """What an operator would write for this bridge."""
        node, here = NODES[id], self._network.address(id)
        relay = self._network.address(None)
        flags = ["--bind", here, "--http", f"{here}:8080", "--token", TOKEN, "--size", "%dx%d" % SIZE,
                 "--fps", RATE, "--video-bitrate", "500k", "--preset", "ultrafast", "--hub", id,
                 "--site", f"id={id},name={node.name},audio=5000,video=5002,to={here}:{room_port(id)}"]
        if node.parent:
            flags += ["--uplink", f"id={node.parent},name={NODES[node.parent].name},audio=5100,video=5102,"
                                  f"to={relay}:{route_port(id, 'up')}"]
        for number, child in enumerate(children(id)):
            port = 5200 + 10 * number
            flags += ["--downlink", f"id={child},name={NODES[child].name},audio={port},video={port + 2},"
                                    f"to={relay}:{route_port(child, 'down')}"]
        return flags

    def _routes(self):
        flags = []
        for id, node in NODES.items():
            if not node.parent:
                continue
            above = 5200 + 10 * children(node.parent).index(id)
            for direction, target, port in (("up", node.parent, above), ("down", id, 5100)):
                for offset in range(4):
                    listen = f"{self._network.address(None)}:{route_port(id, direction) + offset}"
                    to = f"{self._network.address(target)}:{port + offset}"
                    flags += ["--route", f"{listen}={to},name={id}.{direction}.{offset},line={id},{self._line}"]
        return flags

    def get(self, id, path):
        request = urllib.request.Request(
            f"http://{self._network.address(id)}:8080/{path}", headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def stats(self, id):
        return json.loads(self.get(id, "stats"))

    def cpu_seconds(self, id):
        # The bridge itself: `ip netns exec` becomes it.
        times = pathlib.Path(f"/proc/{self.bridges[id].pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def _wait_until_healthy(self, id):
        for _ in range(100):
            if self.bridges[id].poll() is not None:
                break
            try:
                self.get(id, "healthz")
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the bridge of {id} did not start: {self.log(id)[-800:]}")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # The rooms and the lines

    def send(self, id):
        """The room of a bridge: a numbered picture in its colour, and its tone for `TURN` seconds in turn."""
        here, round = self._network.address(id), TURN * len(NODES)
        begin = (TURN * list(NODES).index(id) - (time.time() - self.start)) % round
        # Faded in and out: a click would have something of every tone.
        turn = f"mod(t-{begin:.3f}+{round},{round})"
        voice = f"0.3*sin(2*PI*{tone(id)}*t)*clip(10*min({turn},{TURN}-{turn}),0,1)"
        self._start(f"room-{id}", id, [
            "ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i",
            ROOT / ".build-media" / f"{NODES[id].room}-small.nut", "-re", "-f", "lavfi", "-i",
            f"aevalsrc='{voice}':s=48000",
            "-map", "0:v", "-c", "copy", "-payload_type", "96", "-cname", id, "-f", "rtp",
            f"rtp://{here}:5002?pkt_size=1200&localaddr={here}",
            "-map", "1:a", "-c:a", "libopus", "-b:a", "32k", "-payload_type", "111", "-cname", id, "-f", "rtp",
            f"rtp://{here}:5000?pkt_size=1200&localaddr={here}"])

    def turns(self, id, first, last):
        """When the room of a bridge is to begin to speak, of what lies between two times."""
        round, offset = TURN * len(NODES), TURN * list(NODES).index(id)
        turn = math.ceil((first - self.start - offset) / round)
        found = []
        while (begin := self.start + offset + round * turn) <= last:
            found.append(begin)
            turn += 1
        return found

    def spoil(self, id, what):
        """Changes the line between a bridge and its parent."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            control.settimeout(2)
            control.sendto(f"set {id} {what}\n".encode(), (self._network.address(None), CONTROL))
            answer = control.recv(2000).decode().strip()
        if answer != "ok":
            raise RuntimeError(f"impair: {what}: {answer}")

    def open(self, name, host, command, **streams):
        """Starts a process whose output the caller reads."""
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                self._network.on(host, command), stdin=subprocess.DEVNULL, stderr=log, start_new_session=True, **streams)
        self._processes.append(process)
        return process

    def _start(self, name, host, command):
        return self.open(name, host, command, stdout=subprocess.DEVNULL)

    def address(self, id):
        return self._network.address(id)
