"""What each room sees and hears, computed from pixels and samples."""

import array
import bisect
import functools
import math
import statistics
import subprocess
import threading
import time

from meeting import SIZE, room_port
from tree import NODES, colour, tone

_WIDTH, _HEIGHT = SIZE
_FRAME = _WIDTH * _HEIGHT * 3 // 2
_SOUND_RATE = 8000
_WINDOW = _SOUND_RATE // 4
_STEP = _SOUND_RATE // 25
_COLOURS = {id: colour(id) for id in NODES}


def _hann(count):
    return [1 - math.cos(2 * math.pi * i / count) for i in range(count)]


_SHAPE = _hann(_WINDOW)
_STEP_SHAPE = _hann(_STEP)


class Room:
    """One room's screen and loudspeaker: ffmpeg opens what the bridge sends."""

    def __init__(self, meeting, id):
        self.id = id
        self._meeting = meeting
        self.frames = self.looked_at = 0
        # Of the frames looked at, in how many each node was seen.
        self.seen = dict.fromkeys(NODES, 0)
        # Where the bridge says its cells are: numbers are read there.
        self.cells = []
        # Of each node whose own picture fills a cell: when each frame number was first there.
        self.numbers = {id: [] for id in NODES}
        # Once all has been seen and heard, what comes is only taken in: the tables need the time of this one interpreter.
        self.is_done = False
        self._samples = array.array("h")
        self._sound_start = None
        here = meeting.address(id)
        self._screen = self._open("screen", "video", here, room_port(id) + 2, "H264/90000", 96, [
            "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo"])
        self._speaker = self._open("speaker", "audio", here, room_port(id), "opus/48000/2", 111, [
            "-ac", "1", "-ar", str(_SOUND_RATE), "-f", "s16le"])
        for run in (self._look, self._listen):
            threading.Thread(target=run, daemon=True).start()

    def _open(self, name, medium, here, port, codec, payload_type, output):
        description = self._meeting.folder / f"{self.id}-{name}.sdp"
        description.write_text(
            f"v=0\r\no=- 0 0 IN IP4 {here}\r\ns=cascade\r\nc=IN IP4 {here}\r\nt=0 0\r\n"
            f"m={medium} {port} RTP/AVP {payload_type}\r\na=rtpmap:{payload_type} {codec}\r\n")
        return self._meeting.open(f"{name}-{self.id}", self.id, [
            "ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-flags", "low_delay", "-protocol_whitelist",
            "file,udp,rtp", "-i", description, *output, "-"], stdout=subprocess.PIPE)

    def restart_counts(self):
        """Forgets what was before the meeting was whole."""
        self.looked_at = 0
        self.seen = dict.fromkeys(NODES, 0)
        self.numbers = {id: [] for id in NODES}

    def _look(self):
        while len(frame := self._screen.stdout.read(_FRAME)) == _FRAME:
            if self.is_done:
                continue
            now = time.time()
            self.frames += 1
            if self.frames % 7 == 0:
                self.looked_at += 1
                for id in _visible(frame):
                    self.seen[id] += 1
            for cell in self.cells:
                if shown := _read(frame, cell):
                    id, number = shown
                    if not self.numbers[id] or self.numbers[id][-1][1] != number:
                        self.numbers[id].append((now, number))

    def _listen(self):
        while chunk := self._speaker.stdout.read(320):
            if self.is_done:
                continue
            self._samples.frombytes(chunk)
            # ffmpeg gives what it held back while it probed all at once: the chunk that waited least tells the time.
            start = time.time() - len(self._samples) / _SOUND_RATE
            self._sound_start = min(self._sound_start or start, start)

    def onset(self, source, begin):
        """When `source` is heard here for the first time after `begin`, by the time its packets came; `None`: it isn't.
        Its tone is faded in over 0.1 s; what is looked for is the half of its loudness."""
        levels = []
        for step in range(-20, 150):
            time_of = begin + step / 100
            start = int((time_of - self._sound_start) * _SOUND_RATE)
            window = self._samples[start:start + _STEP] if start >= 0 else ()
            if len(window) == _STEP:
                levels.append((time_of, _level(window, tone(source), _STEP_SHAPE)))
        loudest = max((level for _, level in levels), default=-200)
        if loudest < -25:
            return None
        return next(time_of for time_of, level in levels if level > loudest - 6)

    def hears(self, begin):
        """How loud each node's tone is here while it speaks, since `begin`, in dB; a full-scale sine is 0. Each speaks for one
        turn in eleven: the loudest twentieth of the time is its own."""
        if self._sound_start is None:
            raise RuntimeError(f"nothing at all is heard at {self.id}")
        levels = {id: [] for id in NODES}
        first = max(0, int((begin - self._sound_start) * _SOUND_RATE))
        for start in range(first, len(self._samples) - _WINDOW, _WINDOW):
            window = self._samples[start:start + _WINDOW]
            for id in NODES:
                levels[id].append(_level(window, tone(id)))
        return {id: statistics.mean(sorted(values)[-max(1, len(values) // 20):]) for id, values in levels.items()}


def sound_delays(source, near, far, turns):
    """How much later than `near` the room `far` hears `source` begin to speak, in ms: of each of its turns, by when it is
    to begin, that both hear."""
    onsets = [(near.onset(source, begin), far.onset(source, begin)) for begin in turns]
    return [(later - now) * 1000 for now, later in onsets if now and later and abs(later - now) < 2]


def delays(source, near, far):
    """How much later than `near` the room `far` shows the frames of `source`, in ms; both show it in a cell of its own."""
    there = far.numbers[source]
    times = [now for now, _ in there]
    found = []
    for now, number in near.numbers[source]:
        for later, other in there[bisect.bisect_left(times, now - 0.05):]:
            if later - now > 2:
                break
            if other == number:
                found.append((later - now) * 1000)
                break
    return found


def _visible(frame):
    """The nodes whose colour covers some of the picture."""
    counts = dict.fromkeys(NODES, 0)
    for y in range(7, _HEIGHT, 14):
        for x in range(7, _WIDTH, 14):
            if id := _nearest(_sample(frame, x, y)):
                counts[id] += 1
    return [id for id, count in counts.items() if count >= 3]


def _sample(frame, x, y):
    chroma = _WIDTH * _HEIGHT + y // 2 * (_WIDTH // 2) + x // 2
    return frame[y * _WIDTH + x], frame[chroma], frame[chroma + _WIDTH * _HEIGHT // 4]


@functools.lru_cache(1 << 16)
def _nearest(sample):
    """The node of that colour."""
    id = min(_COLOURS, key=lambda id: sum((a - b) ** 2 for a, b in zip(sample, _COLOURS[id])))
    return id if all(abs(a - b) <= 10 for a, b in zip(sample, _COLOURS[id])) else None


def _read(frame, cell):
    """Whose picture fills a cell, and the number in its strip (see scripts/picture-code); `None` if it is no room's own."""
    x, y, width, height = cell
    # Pictures are 16:9, with bars where the cell isn't.
    inner = min(width, height * 16 // 9)
    x, y = x + (width - inner) // 2, y + (height - inner * 9 // 16) // 2
    unit = inner / 20

    def luma(index):
        return frame[int(y + unit * 1.25) * _WIDTH + int(x + (index + 1.5) * unit)]

    white, black = luma(0), luma(1)
    if white - black <= 60:
        return None
    code = 0
    for index in range(2, 14):
        level = (luma(index) - black) / (white - black)
        if 1 / 3 <= level <= 2 / 3:
            return None
        code = code << 1 | (level > 0.5)
    number = code >> 3
    id = _nearest(_sample(frame, int(x + 10 * unit), int(y + 2.9 * unit)))
    return (id, number) if id and code & 7 == number % 7 + 1 else None


def _level(samples, frequency, shape=_SHAPE):
    """Goertzel's algorithm with a Hann window, in dB; a full-scale sine is 0."""
    turn = 2 * math.cos(2 * math.pi * frequency / _SOUND_RATE)
    first = second = 0.0
    for sample, weight in zip(samples, shape):
        first, second = sample * weight + turn * first - second, first
    power = first * first + second * second - turn * first * second
    return 10 * math.log10(max(power, 1e-6)) - 20 * math.log10(32768 * sum(shape) / 2)
