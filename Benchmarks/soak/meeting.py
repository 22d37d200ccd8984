"""Province-13 as processes: the bridge, a real sender for each site, and the relay that spoils the lines of some."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
HTTP = f"{HOST}:23997"
CONTROL = 23995
ROUTES = ["sound", "sound-rtcp", "pictures", "pictures-rtcp"]


def _ids():
    lines = (ROOT / "scripts" / "sites.tsv").read_text().splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


IDS = _ids()
IMPAIRED = IDS[2::2][:5]
CLEAN = [site for site in IDS if site not in IMPAIRED]
# Four clean sites keep their cells whatever the layout: what a change of it costs them shows in their frame numbers.
WATCHED = CLEAN[:4]
_TOP_ROW = " ".join(WATCHED)
LAYOUTS = [f"{_TOP_ROW} / {rest}" for rest in (
    "* * * * / * * * * / * * * *",
    "A A A * / A A A * / A A A *",
    "* A A * / * A A * / * * * *",
    "speaker speaker * * / speaker speaker * * / * * * *",
    "* * speaker speaker / previous previous speaker speaker / previous previous * *")]


def ports_in(site):
    """Where the bridge takes a site's sound; RTCP, pictures and their RTCP follow."""
    return 20000 + 4 * IDS.index(site)


def ports_out(site):
    """Where a site gets the same from the bridge."""
    return 24000 + 4 * IDS.index(site)


def _inlet(site):
    """Where an impaired site sends to: the relay's side of its line."""
    return ports_in(site) + 2000


class Meeting:
    """Everything that runs beside the script itself; `stop` ends all of it."""

    def __init__(self, seed, seconds):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcu-soak-"))
        self._senders = {}
        self._control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._control.settimeout(2)
        self._relay = self._start("relay", [self._program("impair"), *self._routes(seed),
                                            "--control", f"{HOST}:{CONTROL}", "--seconds", str(seconds + 120)])
        self.bridge = self._start("bridge", [self._program("mcu-server"), *self._flags()])
        try:
            self._wait_until_healthy()
            for site in IDS:
                self.send(site)
                # Out of step with one another, as cameras are; the same in every run.
                time.sleep(0.01 * (IDS.index(site) * 7 % 9 + 1))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Ends everything, senders first, and says how the bridge ended."""
        for site in list(self._senders):
            self.hang_up(site)
        self._end(self._relay, signal.SIGTERM)
        self._end(self.bridge, signal.SIGTERM)
        self._control.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.bridge.returncode

    def send(self, site):
        """Lets a site send, with new SSRCs."""
        if site in self._senders:
            return
        audio = _inlet(site) if site in IMPAIRED else ports_in(site)
        self._senders[site] = self._start(f"sender-{site}", [
            ROOT / "scripts" / "endpoint", "send", site, "--audio-to", f"{HOST}:{audio}", "--video-to",
            f"{HOST}:{audio + 2}", "--loop"])

    def hang_up(self, site, crash=False):
        """Ends a site's sender: with a BYE, or without one."""
        sender = self._senders.pop(site, None)
        if sender:
            self._end(sender, signal.SIGKILL if crash else signal.SIGTERM)

    def is_sending(self, site):
        return site in self._senders

    def dead_senders(self):
        """Senders that ended by themselves."""
        return [site for site, sender in self._senders.items() if sender.poll() is not None]

    def spoil(self, command):
        """Tells the relay, which knows each site's line by the site's id and its routes as `ID.pictures` and so on."""
        self._control.sendto(command.encode() + b"\n", (HOST, CONTROL))
        answer = self._control.recv(2000).decode().strip()
        if answer != "ok":
            raise RuntimeError(f"impair: {command}: {answer}")

    def tell(self, *words):
        """Tells the bridge, as an operator does."""
        command = [self._program("mcu-server"), "ctl", "--url", f"http://{HTTP}", *words]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=20)

    @staticmethod
    def stats():
        with urllib.request.urlopen(f"http://{HTTP}/stats", timeout=10) as answer:
            return json.load(answer)

    def process(self):
        """What the kernel says of the bridge: resident memory in MB, open descriptors, threads, seconds of CPU."""
        folder = pathlib.Path(f"/proc/{self.bridge.pid}")
        status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
        times = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        return {"rss_mb": int(status["VmRSS"].split()[0]) / 1024, "fds": len(os.listdir(folder / "fd")),
                "threads": int(status["Threads"]),
                "cpu_s": (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")}

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    @staticmethod
    def _program(name):
        variable = {"mcu-server": "BRIDGE", "impair": "IMPAIR"}[name]
        return os.environ.get(variable, ROOT / ".build" / "release" / name)

    @staticmethod
    def _flags():
        sites = []
        for site in IDS:
            sites += ["--site", f"id={site},audio={ports_in(site)},video={ports_in(site) + 2},"
                                f"to={HOST}:{ports_out(site)}"]
        return ["run", *sites, "--layout", LAYOUTS[0], "--size", "1280x720", "--fps", "30", "--video-bitrate", "1500k",
                "--preset", "superfast", "--gop", "4s", "--bind", HOST, "--http", HTTP, "--log-level", "warning"]

    @staticmethod
    def _routes(seed):
        flags = []
        for site in IMPAIRED:
            for offset, name in enumerate(ROUTES):
                flags += ["--route", f"{HOST}:{_inlet(site) + offset}={HOST}:{ports_in(site) + offset},"
                                     f"name={site}.{name},line={site},seed={seed + IDS.index(site)}"]
        return flags

    def _start(self, name, command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)

    @staticmethod
    def _end(process, number):
        if process.poll() is None:
            process.send_signal(number)
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def _wait_until_healthy(self):
        for _ in range(100):
            if self.bridge.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"http://{HTTP}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"the bridge did not start: {self.log('bridge')[-800:]}")
