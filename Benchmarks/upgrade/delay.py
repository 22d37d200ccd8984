"""From a picture that went in to the composed one that comes out, as Benchmarks/peers/delay_probe times it.

Alone, and beside twelve others. A tick follows the phase of one source: alone it is the probe's; among others the
probe's phase is where chance put it, up to a picture's interval from there. Where the machine stood still for a moment, the
tick goes a step later, and keeps it for seconds: other work only ever adds, so the least of the runs counts.
"""

import concurrent.futures
import pathlib
import tempfile

from figures import Figure
from running import BENCHMARKS, Unmeasured, bridge, open_ports, output, ports_out, running, values, video_in, video_out

AREA = "delay"
ALONE = Figure(
    AREA, "added to one site, median", "ms", "people talk into one another when it grows", absolute=6, of_machine=True,
    of_runs="least")
AMONG = Figure(
    AREA, "added to one of 13 sites, median", "ms", "the same under load; chance has up to 33 ms of a single run",
    absolute=25, of_machine=True, of_runs="least")
MOST = Figure(
    AREA, "95 % over the median, 13 sites", "ms", "its waverings, which buffers behind us must hold", absolute=15,
    of_machine=True)
WIDTH, HEIGHT, PER_SECOND = 1280, 720, 30
# The probe lets that many seconds pass by itself.
SETTLE = 8


def checked(run):
    if run.get("flashes", 0) < 3:
        raise Unmeasured("the probe's flashes were not seen")
    return run


def alone(seconds):
    with tempfile.TemporaryDirectory(prefix="mcu-upgrade-") as folder:
        probe = pathlib.Path(folder) / "delay_probe"
        libraries = output(["pkg-config", "--cflags", "--libs", "libavcodec", "libavutil"], 10).split()
        sources = [BENCHMARKS / "peers" / name for name in ("delay_probe.c", "delay_camera.c")]
        output(["cc", "-O2", "-o", probe, *sources, *libraries, "-lpthread", "-lm"], 60)
        others = [port for port in ports_out(1) if port != video_out(0)]
        command = [probe, video_out(0), PER_SECOND, seconds + SETTLE, 0, 0, f"{video_in(0)}:0:0:{WIDTH}:{HEIGHT}"]
        with concurrent.futures.ThreadPoolExecutor() as beside:
            # Before the bridge: its first keyframe is the only one for ten seconds.
            flashes = beside.submit(output, command, seconds + 30)
            with open_ports(others), bridge(1), running([BENCHMARKS / "peers" / "pump", 1], PROBED="0"):
                run = checked(values(flashes.result()))
    return {ALONE: run["median"]}


def among(seconds):
    run = values(output([BENCHMARKS / "province" / "measure", seconds, "delay"], 60 + 4 * seconds))
    run = checked({key.removeprefix("delay_"): value for key, value in run.items()})
    return {AMONG: run["median"], MOST: run["p95"] - run["median"]}


def steps(is_quick):
    seconds = 5 if is_quick else 8
    return [
        ("added delay, one site", 7 + seconds, lambda: alone(seconds)),
        ("added delay, 13 sites", 6 + 2 * seconds, lambda: among(seconds)),
    ] * 3
