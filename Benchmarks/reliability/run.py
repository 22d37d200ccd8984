"""One run: the processes of it, and what they left behind."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request

import audio_meter
import streams
import video_meter
from recorder import Recorder

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Before the meters begin: the sender's first keyframe, the jitter buffers' first target.
WARM_UP = 4
# What was sent last is still on its way.
AFTER = 3
ONE_WAY_MS = 20


def _ports():
    """The assignments of the file `ports`, as bash makes them."""
    lines = subprocess.run(
        ["bash", "-c", f"source {HERE}/ports; set -o posix; set"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {name: int(value) for name, _, value in (line.partition("=") for line in lines.splitlines())
            if name.split("_")[0] in ("relay", "mixer", "source", "feedback", "tap", "out", "idle", "clean", "http")
            and value.isdigit()}


class Run:
    """Sends for so many seconds through a line into a mixer, and records. Everything has ended when it is made."""

    def __init__(self, mixer, line, seconds, script=""):
        self.ports = _ports()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcu-reliability-"))
        self._running = []
        ports = self.ports
        length = WARM_UP + seconds + AFTER
        media = ROOT / "out" / "reliability"
        subprocess.run([HERE / "make-media", media, str(length + 2)], check=True)
        recorder = Recorder(
            {name: ports[name] for name in ("tap_audio", "tap_video", "out_audio", "out_video")},
            [ports["out_audio"] + 1, ports["out_video"] + 1] + [ports["idle_audio"] + k for k in range(4)])
        try:
            mixing = self._start([HERE / mixer], "mixer")
            self._wait_until_bound(ports["mixer_video"])
            self._relay(line, script, length)
            self.begin = time.monotonic()
            self._start(
                [HERE / "sender", media / f"film-{length + 2}.mkv", media / f"speech-{length + 2}.wav"], "sender")
            self._sleep_until(self.begin + WARM_UP)
            before = self._stats() if mixer == "bridge" else None
            self._sleep_until(self.begin + WARM_UP + seconds)
            after = self._stats() if mixer == "bridge" else None
            self._sleep_until(self.begin + length)
            if mixing.poll() is not None:
                print(f"reliability: {mixer} ended in the run: {self.log('mixer')[-500:]}", flush=True)
        except BaseException:
            self._stop()
            self.remove()
            raise
        finally:
            self._stop()
            recorder.stop()
        self.start, self.end = self.begin + WARM_UP, self.begin + WARM_UP + seconds
        self.relay = json.loads((self.folder / "relay.json").read_text())
        self.concealed = self._concealed(before, after, seconds)
        self.sent_pictures = streams.pictures(recorder.packets["tap_video"], self.folder, "sent")
        self.shown_pictures = streams.pictures(recorder.packets["out_video"], self.folder, "shown")
        self.sent_sound = streams.samples(recorder.packets["tap_audio"], self.folder, "sent")
        self.played_sound = streams.samples(recorder.packets["out_audio"], self.folder, "played")

    def figures(self, mask):
        """All meters; and the mask of a clean run, if `mask` is None."""
        video, mask = video_meter.measure(self.sent_pictures, self.shown_pictures, self.start, self.end, mask)
        audio = audio_meter.measure(
            self.sent_sound, self.played_sound, self.start, self.end + AFTER - 0.5, ONE_WAY_MS / 1000)
        there = self.relay["lines"]["line"]["there"]
        line = {"sent": there["sent"], "lost": there["lost"],
                "relay_late_ms": round(max(route["there"]["lateness"] for route in self.relay["routes"]), 1)}
        return {"video": video, "audio": audio, "concealed": self.concealed, "line": line}, mask

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def _relay(self, line, script, length):
        def route(name, inlet, outlet, extra, first=False):
            keys = f",{line},delay={ONE_WAY_MS}" if first else ""
            return ["--route", f"127.0.0.1:{inlet}=127.0.0.1:{outlet},name={name},line=line,seed=7{keys}{extra}"]

        flags = []
        for kind, first in (("video", True), ("audio", False)):
            inlet, outlet = self.ports[f"relay_{kind}"], self.ports[f"mixer_{kind}"]
            source, feedback = self.ports[f"source_{kind}"], self.ports[f"feedback_{kind}"]
            tap = self.ports[f"tap_{kind}"]
            flags += route(kind, inlet, outlet, f",source=127.0.0.1:{source},tap=127.0.0.1:{tap}", first)
            flags += route(f"{kind}-rtcp", inlet + 1, outlet + 1,
                           f",source=127.0.0.1:{source + 1},back=127.0.0.1:{feedback}")
        path = self.folder / "script"
        path.write_text(script)
        self._start(
            [os.environ.get("IMPAIR", ROOT / ".build/release/impair"), *flags, "--script", path, "--report",
             self.folder / "relay.json", "--seconds", str(length + 20)], "relay")
        self._wait_until_bound(self.ports["relay_video"])

    def _start(self, command, name):
        log = open(self.folder / f"{name}.log", "wb")
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        log.close()
        self._running.append(process)
        return process

    def _stop(self):
        """Senders first, each asked before it is killed."""
        for process in reversed(self._running):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def _wait_until_bound(self, port):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if f":{port:04X} " in pathlib.Path("/proc/net/udp").read_text():
                return
            if any(process.poll() is not None for process in self._running):
                break
            time.sleep(0.05)
        logs = "\n".join(path.read_text(errors="replace")[-800:] for path in self.folder.glob("*.log"))
        raise RuntimeError(f"nobody listens on {port}: {logs}")

    @staticmethod
    def _sleep_until(moment):
        time.sleep(max(0, moment - time.monotonic()))

    def _stats(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['http']}/stats", timeout=5) as answer:
            return json.load(answer)

    @staticmethod
    def _concealed(before, after, seconds):
        """The share of the site's sound that the bridge made up, from its own count."""
        if before is None:
            return None
        made_up = [next(site for site in stats["sites"] if site["id"] == "a").get("audio_in", {}).get("concealed_ms", 0)
                   for stats in (before, after)]
        return round((made_up[1] - made_up[0]) / (seconds * 1000), 4)
