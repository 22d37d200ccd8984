"""Processes, each of them bounded in time and ended with all that it started."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BENCHMARKS = ROOT / "Benchmarks"
UPGRADE = BENCHMARKS / "upgrade"
HOST = "127.0.0.1"
HTTP_PORT = int(os.environ.get("HTTP_PORT", "23999"))
PROGRAM = os.environ.get("BRIDGE", str(ROOT / ".build" / "release" / "mcu-server"))
# The bridge under test, with the flags by which a slowdown is seeded: the peers' scripts start $BRIDGE. What they start may
# come here again, and finds the program where the first one put it.
ENVIRONMENT = {
    **os.environ, "BRIDGE": str(UPGRADE / "under-test"), "HTTP_PORT": str(HTTP_PORT),
    "UPGRADE_PROGRAM": os.environ.get("UPGRADE_PROGRAM", PROGRAM)}


class Unmeasured(Exception):
    """There is no figure, and the message says why."""


def _end(process):
    """A group of its own was made for it: nothing else is hit."""
    for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return


def _last_words(log):
    log.seek(0)
    return " ".join(log.read().decode(errors="replace").split())[-400:]


@contextlib.contextmanager
def _blaming(process, command, log):
    """Raises Unmeasured if the process ended by itself: what failed in the block failed for that."""
    try:
        yield
    except (OSError, Unmeasured):
        if process.poll() is None:
            raise
    if process.poll() is not None:
        raise Unmeasured(f"{pathlib.Path(command[0]).name} ended by itself: {_last_words(log)}")


def output(command, seconds, **environment):
    """What a command prints. Raises Unmeasured if it fails, or takes longer than `seconds`."""
    name = pathlib.Path(command[0]).name
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=complaints, text=True,
            cwd=ROOT, env=ENVIRONMENT | environment, start_new_session=True)
        try:
            text, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Unmeasured(f"{name} was not done after {seconds} s") from None
        finally:
            _end(process)
        if process.returncode != 0:
            raise Unmeasured(f"{name} failed: {_last_words(complaints)}")
    return text


def values(text):
    """The key=value words of a script's output; what is no number is left out."""
    found = {}
    for word in text.split():
        key, _, value = word.partition("=")
        with contextlib.suppress(ValueError):
            found[key] = float(value)
    return found


@contextlib.contextmanager
def running(command, **environment):
    """A process while the block lasts."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
            env=ENVIRONMENT | environment, start_new_session=True)
        try:
            with _blaming(process, command, log):
                yield process
        finally:
            _end(process)


@contextlib.contextmanager
def bridge(sites):
    """The bridge of so many sites in a grid, as Benchmarks/peers starts it; ready when the block begins."""
    with running([BENCHMARKS / "peers" / "bridge", str(sites)]) as process:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{HOST}:{HTTP_PORT}/healthz", timeout=2).close()
                break
            if process.poll() is not None:
                raise Unmeasured("no bridge")
            time.sleep(0.1)
        else:
            raise Unmeasured("the bridge gave no answer")
        yield process


# Ports of Benchmarks/peers/common, of site k from 0 on.
def video_in(site):
    return 20002 + 4 * site


def video_out(site):
    return 24002 + 4 * site


@contextlib.contextmanager
def open_ports(ports):
    """Ports that are open and never read: a closed one would answer with ICMP, which costs the sender."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind((HOST, port))
        yield


def ports_out(sites):
    return [port for site in range(sites) for port in range(video_out(site) - 2, video_out(site) + 2)]


def other_work(seconds=2):
    """Cores that others keep busy."""
    def busy():
        fields = pathlib.Path("/proc/stat").read_text().split()
        return sum(int(fields[place]) for place in (1, 2, 3, 6, 7, 8))

    began = busy()
    time.sleep(seconds)
    return (busy() - began) / os.sysconf("SC_CLK_TCK") / seconds
