"""What the sites get: every packet is counted, and one site's pictures are read."""

import pathlib
import select
import socket
import struct
import subprocess
import threading
import time

import meeting

VIEWER = meeting.CLEAN[0]
_DECODER_PORT = 25900
_WIDTH, _HEIGHT = 1280, 720
# Frame numbers start again; see scripts/make-media.
_MODULUS = 390
_RATE = 30


class Stream:
    """One RTP stream as it came (RFC 3550 section 5.1)."""

    def __init__(self, step):
        self._step = step
        self._sequence = self._timestamp = self._ssrc = None
        self.restart_counts()

    def restart_counts(self):
        self.packets = self.lost = self.restarts = 0
        # Beats of 20 ms or of a picture that were left out.
        self.left_out = 0

    def take(self, packet):
        if len(packet) < 12 or packet[0] >> 6 != 2:
            return
        sequence, timestamp, ssrc = struct.unpack_from(">HII", packet, 2)
        self.packets += 1
        if ssrc != self._ssrc:
            self.restarts += self._ssrc is not None
        else:
            self.lost += max(0, ((sequence - self._sequence + 32768) & 65535) - 32768 - 1)
            step = (timestamp - self._timestamp) & 0xFFFFFFFF
            if self._step * 3 // 2 < step < 1 << 31:
                self.left_out += (step + self._step // 2) // self._step - 1
        self._sequence, self._timestamp, self._ssrc = sequence, timestamp, ssrc


class Receivers:
    """All sites' ports. One thread; it hands the viewer's pictures on to a decoder."""

    def __init__(self):
        self.sound = {site: Stream(960) for site in meeting.IDS}
        self.pictures = {site: Stream(90000 // _RATE) for site in meeting.IDS}
        self._sinks = {}
        for site in meeting.IDS:
            for offset, stream in ((0, self.sound[site]), (1, None), (2, self.pictures[site]), (3, None)):
                line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                line.bind((meeting.HOST, meeting.ports_out(site) + offset))
                line.setblocking(False)
                self._sinks[line] = (stream, site == VIEWER and offset == 2)
        self._out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._is_over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._is_over = True
        self._thread.join()
        for line in [*self._sinks, self._out]:
            line.close()

    def restart_counts(self):
        """Forgets what was before the meeting was whole."""
        for stream in [*self.sound.values(), *self.pictures.values()]:
            stream.restart_counts()

    def dropped_here(self):
        """Datagrams that the kernel dropped because this script was too slow: no fault of the bridge."""
        ports = {f"{line.getsockname()[1]:04X}" for line in self._sinks}
        rows = [row.split() for row in pathlib.Path("/proc/net/udp").read_text().splitlines()[1:]]
        return sum(int(row[-1]) for row in rows if row[1].split(":")[1] in ports)

    def _run(self):
        while not self._is_over:
            for line in select.select(list(self._sinks), [], [], 0.1)[0]:
                stream, is_shown = self._sinks[line]
                while True:
                    try:
                        packet = line.recv(2048)
                    except BlockingIOError:
                        break
                    if stream:
                        stream.take(packet)
                    if is_shown:
                        self._out.sendto(packet, (meeting.HOST, _DECODER_PORT))


class Watched:
    """A clean site's frames as the viewer sees them, one picture after another."""

    def __init__(self, place):
        self._left = place * _WIDTH // 4
        self._last = self._last_at = self._origin = None
        self._count = 0
        self.shown = self.unreadable = self.backwards = 0
        # Frames left out.
        self.missing = 0
        # The longest that one frame stood, in seconds.
        self.longest_freeze = 0.0
        self._lateness = []

    def take(self, luma, now):
        number = _frame_number(luma, self._left)
        if number is None:
            self.unreadable += 1
            return
        self.shown += 1
        if self._last is None:
            self._last, self._last_at, self._origin = number, now, now
            return
        step = (number - self._last + _MODULUS) % _MODULUS
        if step > _MODULUS * 3 // 4:
            self.backwards += 1
            return
        self.longest_freeze = max(self.longest_freeze, now - self._last_at)
        if step == 0:
            return
        self.missing += step - 1
        self._count += step
        self._lateness.append(now - self._origin - self._count / _RATE)
        self._last, self._last_at = number, now

    def recent_lateness(self):
        """How late each frame since the last call was against the first one's pace, in seconds."""
        recent, self._lateness = self._lateness, []
        return recent


class PictureWatch:
    """ffmpeg decodes what the viewer gets; the numbers in the watched cells are read out of each picture."""

    def __init__(self, folder):
        self.cells = {site: Watched(place) for place, site in enumerate(meeting.WATCHED)}
        self.pictures = 0
        description = folder / "viewer.sdp"
        description.write_text(
            f"v=0\r\no=- 0 0 IN IP4 {meeting.HOST}\r\ns=soak\r\nc=IN IP4 {meeting.HOST}\r\nt=0 0\r\n"
            f"m=video {_DECODER_PORT} RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n")
        self._decoder = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-flags", "low_delay",
             "-protocol_whitelist", "file,udp,rtp", "-buffer_size", "4194304", "-i", description,
             "-fps_mode", "passthrough", "-pix_fmt", "gray", "-f", "rawvideo", "-"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def restart_counts(self):
        """Forgets what was before the meeting was whole."""
        self.cells = {site: Watched(place) for place, site in enumerate(meeting.WATCHED)}
        self.pictures = 0

    def stop(self):
        self._decoder.terminate()
        self._thread.join()
        self._decoder.stdout.close()
        self._decoder.wait()

    def _run(self):
        while len(luma := self._decoder.stdout.read(_WIDTH * _HEIGHT)) == _WIDTH * _HEIGHT:
            now = time.monotonic()
            self.pictures += 1
            for cell in self.cells.values():
                cell.take(luma, now)


def _frame_number(luma, left):
    """The number in the strip that scripts/picture-code describes, of the cell in the top row that begins at `left`."""
    unit = _WIDTH // 4 // 20

    def square(index):
        x, y = left + (index + 1) * unit + unit // 2 - 2, unit * 3 // 4 + unit // 2 - 2
        return sum(sum(luma[(y + row) * _WIDTH + x : (y + row) * _WIDTH + x + 4]) for row in range(0, 4, 3)) / 8

    white, black = square(0), square(1)
    if white - black <= 40:
        return None
    code = 0
    for index in range(2, 14):
        level = (square(index) - black) / (white - black)
        if 1 / 3 <= level <= 2 / 3:
            return None
        code = code << 1 | (level > 0.5)
    number = code >> 3
    return number if code & 7 == number % 7 + 1 else None
