"""What a bridge of nine sites holds, and what it goes on taking."""

import pathlib
import re
import statistics
import time

from figures import Figure
from running import BENCHMARKS, bridge, open_ports, ports_out, running

AREA = "memory"
SITES = 9
RESIDENT = Figure(
    AREA, "of 9 sites once warm", "MB", "it decides how many meetings fit into a machine", relative=0.05, absolute=8,
    of_machine=True)
GROWTH = Figure(
    AREA, "growth from then on", "MB", "a leak of each picture or packet shows within a minute", absolute=4)
DESCRIPTORS = Figure(AREA, "descriptors' growth", "descriptors", "a leak of files or sockets")


def resident_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


def descriptors(process):
    return len(list(pathlib.Path(f"/proc/{process.pid}/fd").iterdir()))


def look(process):
    """Both over two seconds: a picture more or less is always on its way."""
    looks = [(resident_mb(process), descriptors(process)) for _ in range(10) if time.sleep(0.2) is None]
    return [statistics.median(each) for each in zip(*looks)]


def hold(warm_up, seconds):
    with open_ports(ports_out(SITES)), bridge(SITES) as process, running([BENCHMARKS / "peers" / "pump", SITES]):
        time.sleep(warm_up)
        before = look(process)
        time.sleep(seconds)
        after = look(process)
    return {RESIDENT: before[0], GROWTH: after[0] - before[0], DESCRIPTORS: after[1] - before[1]}


def steps(is_quick):
    warm_up, seconds = (8, 10) if is_quick else (20, 60)
    return [("memory", warm_up + seconds + 6, lambda: hold(warm_up, seconds))]
