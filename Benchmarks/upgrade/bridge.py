"""The whole bridge under load: 13 sites of 720p, and 9 beside the ffmpeg command line."""

import importlib.machinery
import importlib.util

from figures import Figure
from running import BENCHMARKS, Unmeasured, output, values

AREA = "bridge"
CODECS = Figure(
    AREA, "CPU to the codecs' alone, 13 sites", "ratio", "what the bridge adds to decoding, scaling, encoding",
    relative=0.08)
CORES = Figure(
    AREA, "CPU, 13 sites", "cores", "the same by itself: codecs and bridge may have become slower together",
    relative=0.10, of_machine=True)
FFMPEG = Figure(
    AREA, "CPU to ffmpeg's, 9 sites", "ratio", "what else a user could run on the same streams", relative=0.08)
# A picture more or less is always on its way when the counters are read.
PICTURES = Figure(
    AREA, "pictures out, to whom gets fewest", "per second", "30 are promised", better="higher", absolute=0.5)
LATE = Figure(
    AREA, "late ticks, pictures and sound", "ticks", "a late tick is a jerk at every site at once", of_runs="least")
SPOILT = Figure(
    AREA, "lost, spoilt or left out", "pictures, packets", "on a clean line nothing may be", of_runs="least")
GAVE_WAY = Figure(
    AREA, "the governor's steps down", "steps", "under overload the CPU looks well, since the pictures pay",
    of_runs="least")


def report():
    """Benchmarks/report as a module: it knows what the codecs alone would take."""
    loader = importlib.machinery.SourceFileLoader("report", str(BENCHMARKS / "report"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("report", loader))
    loader.exec_module(module)
    return module


def province(seconds):
    run = values(output([BENCHMARKS / "province" / "measure", seconds, "load", "codecs"], 90 + 4 * seconds))
    return {
        CODECS: run["cores"] / report().codecs_alone(run),
        CORES: run["cores"],
        PICTURES: run["frames_out"] / seconds,
        LATE: run["late_ticks"] + run["sound_late_ticks"],
        GAVE_WAY: run["gave_way"],
        SPOILT: sum(run[key] for key in ("lost", "decode_errors", "encode_drops", "dropped_ticks")),
    }


def beside_ffmpeg(seconds):
    page = output([BENCHMARKS / "peers" / "compare", 9, seconds, "bridge", "ffmpeg"], 90 + 4 * seconds, DELAY="no")
    row = next((line.split() for line in page.splitlines() if line.startswith("ffmpeg ")), None)
    try:
        return {FFMPEG: float(row[6])}
    except (TypeError, ValueError, IndexError):
        raise Unmeasured("peers/compare has no ratio to ffmpeg") from None


def steps(is_quick):
    seconds, runs = (5, 1) if is_quick else (10, 3)
    return [
        ("province-13", 10 + 2 * seconds, lambda: province(seconds)),
        ("9 sites beside ffmpeg", 18 + 2 * seconds, lambda: beside_ffmpeg(seconds)),
    ] * runs
