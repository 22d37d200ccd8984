"""The composed picture beside one composed without loss of the very same source pictures.

Four sites in a 2x2 at a fixed rate. Their pictures carry numbers (scripts/picture-code): of each received picture the
four are read, and the same four source pictures put together by ffmpeg's scaler are what it should have been.
"""

import contextlib
import pathlib
import re
import statistics
import subprocess
import tempfile
import threading
import time

from figures import Figure
from running import HOST, ROOT, UPGRADE, Unmeasured, bridge, open_ports, output, ports_out, running, video_in, video_out

AREA = "quality"
PSNR = Figure(
    AREA, "PSNR of the composed picture", "dB", "scaling, composing, encoding at 1.5 Mbit/s", better="higher",
    absolute=0.4)
WORST = Figure(
    AREA, "PSNR, the worst 5 %", "dB", "single bad pictures, which an average hides", better="higher", absolute=0.8)
SSIM = Figure(AREA, "SSIM of the composed picture", "0 to 1", "what of it the eye sees", better="higher", absolute=0.004)
SHOWN = Figure(
    AREA, "source pictures shown", "%", "a picture left out is a jerk", better="higher", absolute=2)
RATE = Figure(AREA, "bit rate", "kbit/s", "quality must not be bought with bits", relative=0.05)

FILMS = ROOT / ".build-upgrade"
WIDTH, HEIGHT, RATE_OUT, NUMBERED = 1280, 720, 30, 360
CELL = (WIDTH // 2, HEIGHT // 2)
CELLS = [(0, 0), (CELL[0], 0), (0, CELL[1]), CELL]
PICTURE_BYTES, CELL_BYTES = WIDTH * HEIGHT * 3 // 2, CELL[0] * CELL[1] * 3 // 2
# The bridge's rate control starts with a keyframe that is too large for it: what follows is settled.
SETTLE = RATE_OUT
SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=quality
c=IN IP4 127.0.0.1
t=0 0
m=video {port} RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
"""
FFMPEG = ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y"]


def prepare():
    output([UPGRADE / "make-films", FILMS], 300)


def film(place):
    return FILMS / f"film{place}.nut"


def receive(folder, seconds, mixer):
    """What site 1 gets from the mixer for so long, as it comes: an H.264 stream without a container."""
    (folder / "site.sdp").write_text(SDP.format(port=video_out(0)))
    receiver = [
        *FFMPEG, "-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4194304", "-i", folder / "site.sdp", "-map",
        "0:v", "-c", "copy", "-f", "h264", folder / "composed.h264"]
    others = [port for port in ports_out(len(CELLS)) if port not in (video_out(0), video_out(0) + 1)]
    with open_ports(others), running(receiver), mixer(len(CELLS)), contextlib.ExitStack() as senders:
        for place in range(len(CELLS)):
            # Without sound nobody speaks, so that no cell gets a speaker's border.
            senders.enter_context(running([
                ROOT / "scripts" / "endpoint", "send", f"s{place + 1}", "--file", film(place), "--loop", "--video-to",
                f"{HOST}:{video_in(place)}"]))
            time.sleep(0.013)
        time.sleep(seconds)
    return folder / "composed.h264"


class Sources:
    """The numbered pictures of the four, each scaled into its cell."""

    def __init__(self, folder, scaler):
        self.files = []
        for place in range(len(CELLS)):
            path = folder / f"{place}.yuv"
            output([*FFMPEG, "-i", film(place), "-vf", f"scale={CELL[0]}:{CELL[1]}:flags={scaler}", "-pix_fmt",
                    "yuv420p", "-f", "rawvideo", path], 60)
            self.files.append(open(path, "rb"))

    def picture(self, place, number):
        self.files[place].seek(number * CELL_BYTES)
        return self.files[place].read(CELL_BYTES)

    def close(self):
        for file in self.files:
            file.close()


def number_in(picture, x, y):
    """The number in the strip of the cell at x, y; None if it can't be trusted, as in Tests/TestSupport/PictureProbe."""
    unit = CELL[0] // 20

    def luma(square):
        left, top = x + (4 * square + 5) * unit // 4, y + unit
        rows = [picture[(top + row) * WIDTH + left:][:unit // 2] for row in range(unit // 2)]
        return sum(map(sum, rows)) / (unit // 2) ** 2

    white, black = luma(0), luma(1)
    if white - black <= 40:
        return None
    levels = [(luma(square) - black) / (white - black) for square in range(2, 14)]
    if any(1 / 3 <= level <= 2 / 3 for level in levels):
        return None
    code = int("".join("1" if level > 0.5 else "0" for level in levels), 2)
    number = code >> 3
    return number if code & 7 == number % 7 + 1 and number < NUMBERED else None


def planes(picture, width, height):
    """Y, U and V as (bytes, width)."""
    area = width * height
    return [(picture[:area], width), (picture[area:area + area // 4], width // 2), (picture[area + area // 4:], width // 2)]


def beside(left, right, width):
    """Rows of two planes in turn: what stands side by side."""
    return b"".join(
        part for start in range(0, len(left), width)
        for part in (left[start:start + width], right[start:start + width]))


def compose(cells):
    """The 2x2 of four cells' pictures, by plane."""
    four = [planes(cell, *CELL) for cell in cells]
    return [
        beside(four[0][plane][0], four[1][plane][0], four[0][plane][1])
        + beside(four[2][plane][0], four[3][plane][0], four[0][plane][1]) for plane in range(3)]


def decoded(stream):
    """The pictures of the received stream, one after another."""
    decoder = subprocess.Popen(
        [*FFMPEG, "-i", stream, "-vsync", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        while len(picture := decoder.stdout.read(PICTURE_BYTES)) == PICTURE_BYTES:
            yield picture
    finally:
        decoder.kill()
        decoder.wait()


def meter(folder):
    """ffmpeg's psnr and ssim of pictures that stand above what they should be. The names, low in the left corner of each
    cell, are covered in both."""
    names = ",".join(
        f"drawbox=x={x}:y={y + CELL[1] - 50}:w=120:h=50:color=black:t=fill" for x, y in CELLS)
    graph = (
        f"split[a][b];[a]crop={WIDTH}:{HEIGHT}:0:0,{names},split[a1][a2];"
        f"[b]crop={WIDTH}:{HEIGHT}:0:{HEIGHT},{names},split[b1][b2];"
        f"[a1][b1]psnr=stats_file={folder}/psnr[p];[a2][b2]ssim=stats_file={folder}/ssim[s]")
    return subprocess.Popen(
        [*FFMPEG, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{WIDTH}x{2 * HEIGHT}", "-r", str(RATE_OUT), "-i", "-",
         "-filter_complex", graph, "-map", "[p]", "-f", "null", "-", "-map", "[s]", "-f", "null", "-"],
        stdin=subprocess.PIPE)


def match(stream, sources, folder):
    """Meters each picture whose numbers can be read; answers the numbers, a list of four for each picture."""
    seen = []
    process = meter(folder)
    bound = threading.Timer(120, process.kill)
    bound.start()
    try:
        for picture in decoded(stream):
            numbers = [number_in(picture, *cell) for cell in CELLS]
            if None in numbers:
                continue
            seen.append(numbers)
            if len(seen) <= SETTLE:
                continue
            reference = compose([sources.picture(place, number) for place, number in enumerate(numbers)])
            for (plane, _), other in zip(planes(picture, WIDTH, HEIGHT), reference):
                process.stdin.write(plane + other)
    except BrokenPipeError:
        raise Unmeasured("ffmpeg's meters ended early") from None
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        process.wait()
        bound.cancel()
    return seen[SETTLE:]


def shown(seen):
    """Of the source pictures between the first and the last, how many were shown, in percent; of the worst cell."""
    shares = []
    for numbers in zip(*seen):
        passed = sum((after - before) % NUMBERED for before, after in zip(numbers, numbers[1:])) + 1
        shares.append(100 * len(set(numbers)) / passed)
    return min(shares)


def stats(path, key):
    return [float(value) for value in re.findall(rf"\b{key}:([\d.]+)", path.read_text())]


def measure(folder, seconds, mixer, scaler):
    """`mixer` starts what is looked at, as `bridge` does; `scaler` is the reference's. Benchmarks/peers/quality has
    others of both."""
    stream = receive(folder, seconds, mixer)
    sources = Sources(folder, scaler)
    try:
        seen = match(stream, sources, folder)
    finally:
        sources.close()
    if len(seen) < RATE_OUT:
        raise Unmeasured(f"only {len(seen)} pictures whose numbers can be read")
    psnr = sorted(stats(folder / "psnr", "psnr_avg"))
    return {
        PSNR: statistics.mean(psnr),
        WORST: psnr[len(psnr) // 20],
        SSIM: statistics.mean(stats(folder / "ssim", "All")),
        SHOWN: shown(seen),
        RATE: stream.stat().st_size * 8e-3 / seconds,
    }


def watch(seconds):
    with tempfile.TemporaryDirectory(prefix="mcu-upgrade-") as name:
        return measure(pathlib.Path(name), seconds, bridge, "bilinear")


def steps(is_quick):
    seconds, runs = (5, 1) if is_quick else (9, 3)
    return [("quality", 16 + seconds, lambda: watch(seconds))] * runs
