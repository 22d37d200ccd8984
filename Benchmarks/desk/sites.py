"""The bridge and its sites as processes, and what the bridge says of itself."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOST = "127.0.0.1"
HTTP_PORT = int(os.environ.get("HTTP_PORT", "23989"))
# Sites whose colours differ most in luma: pictures are told apart by it.
IDS = ["gia-binh", "que-vo", "tu-son", "quan-su"]
RATE = 30


def ports_in(site):
    """Where the bridge takes a site's sound; RTCP, pictures and their RTCP follow."""
    return 23900 + 4 * IDS.index(site)


def ports_out(site):
    """Where a site gets the same from the bridge."""
    return 23940 + 4 * IDS.index(site)


class Line:
    """One kept connection to the API."""

    def __init__(self):
        self.connection = http.client.HTTPConnection(HOST, HTTP_PORT, timeout=10)

    def get(self, path):
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def stats(self):
        return json.loads(self.get("/stats")[1])

    def command(self, **words):
        """Answers when it was sent, in ns, and when it was answered. Raises ValueError for a refusal."""
        body = json.dumps(words)
        began = time.time_ns()
        self.connection.request("POST", "/v1/commands", body, {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise ValueError(f"{body}: {text.decode(errors='replace')}")
        return began, time.time_ns()

    def close(self):
        self.connection.close()


class Meeting:
    """The bridge, then the senders; `stop` ends all of them."""

    def __init__(self):
        program = os.environ.get("BRIDGE", ROOT / ".build" / "release" / "mcu-server")
        media = pathlib.Path(subprocess.run(
            [ROOT / "scripts" / "make-test-streams"], check=True, capture_output=True, text=True).stdout.strip())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mcu-desk-"))
        self._processes = []
        flags = []
        for site in IDS:
            flags += ["--site", f"id={site},audio={ports_in(site)},video={ports_in(site) + 2},"
                                f"to={HOST}:{ports_out(site)}"]
        try:
            self.bridge = self._start("bridge", [
                program, "run", *flags, "--layout", "2x2", "--size", "640x360", "--fps", str(RATE),
                "--video-bitrate", "1500k", "--bind", HOST, "--http", f"{HOST}:{HTTP_PORT}", "--log-level", "warning"])
            self._wait_until(lambda line: line.get("/healthz")[0] == 200, "did not start")
            for site in IDS:
                self._start(f"sender-{site}", [
                    ROOT / "scripts" / "endpoint", "send", site, "--audio-to", f"{HOST}:{ports_in(site)}",
                    "--video-to", f"{HOST}:{ports_in(site) + 2}", "--loop", "--file", media / f"{site}-small.nut"])
            self._wait_until(
                lambda line: all(site["state"] == "live" for site in line.stats()["sites"]), "has not all sites")
        except BaseException:
            self.stop()
            raise

    def stop(self):
        for process in reversed(self._processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def check(self):
        """Raises if anything ended by itself."""
        if any(process.poll() is not None for process in self._processes):
            raise RuntimeError("the bridge or a sender ended by itself: " + self._log("bridge"))

    def cpu(self):
        """Seconds of CPU that the bridge has used."""
        times = pathlib.Path(f"/proc/{self.bridge.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")

    def _log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-800:]

    def _start(self, name, command):
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        self._processes.append(process)
        return process

    def _wait_until(self, holds, otherwise):
        for _ in range(150):
            if self.bridge.poll() is not None:
                break
            try:
                line = Line()
                if holds(line):
                    return
            except OSError:
                pass
            finally:
                line.close()
            time.sleep(0.1)
        raise RuntimeError(f"the bridge {otherwise}: {self._log('bridge')}")
