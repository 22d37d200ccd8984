"""Benchmarks/*Benchmarks: packets, pictures, sound and decisions one at a time, beside a fixed load.

Each time is told as it would be were a round of that load to take REFERENCE: so it is a ratio, in a unit one can read.
"""

import pathlib
import statistics
import tempfile

from bridge import report
from figures import Figure
from running import ROOT, UPGRADE, Unmeasured, output, values

AREA = "micro"
SUITES = [suite for suite, _ in report().SUITES]
REFERENCE = 3e6  # ns


def prepare():
    """Only builds what is not built yet; the first time that takes minutes."""
    output([ROOT / "scripts" / "bench", "build"], 1800)


def round_ns(folder):
    """The time of a round of the fixed load."""
    program = folder / "calibration"
    if not program.exists():
        output(["cc", "-O2", "-o", program, UPGRADE / "calibration.c"], 60)
    return values(output([program], 60))["round"]


def in_ns(value, unit):
    return value * {"ns": 1, "µs": 1e3, "ms": 1e6}[unit.split()[0]]


def suite(name):
    """Each benchmark, and the mean of them: single ones waver, their mean hardly does."""
    with tempfile.TemporaryDirectory(prefix="mcu-upgrade-") as temporary:
        folder = pathlib.Path(temporary)
        before = round_ns(folder)
        (folder / "log").write_text(output([ROOT / ".build-bench" / "release" / name, "--quiet", "true"], 180))
        speed = REFERENCE / ((before + round_ns(folder)) / 2)
        rows = report().suite_rows(folder / "log")
    if not rows:
        raise Unmeasured(f"{name} printed no benchmark")
    times = {(title, unit): float(median) * speed for title, median, _, unit in rows}
    mean = Figure(AREA, f"{name}, geometric mean", "ns, scaled", "many small losses in one layer", relative=0.08)
    return {mean: statistics.geometric_mean(in_ns(time, unit) for (_, unit), time in times.items())} | {
        Figure(AREA, title, f"{unit}, scaled", "the cost of one step", relative=0.25): time
        for (title, unit), time in times.items()}


def steps(is_quick):
    # One run of a suite takes the median of thousands of samples.
    runs = 1 if is_quick else 3
    seconds = {"RTPBenchmarks": 14, "MixerBenchmarks": 36, "ConferenceBenchmarks": 9}
    return [(name, seconds.get(name, 20), lambda name=name: suite(name)) for name in SUITES] * runs
