"""What the sites get: every packet of theirs is counted, and one site's pictures are decoded and looked at."""

import queue
import selectors
import socket
import struct
import subprocess
import threading
import time

import sites

VIEWER = sites.IDS[0]
_WIDTH, _HEIGHT = 32, 18
# Of Linux on x86-64, which Python has no names for.
_SO_TIMESTAMPNS, _SO_RXQ_OVFL = 35, 40
_START = b"\0\0\0\1"
# An access unit delimiter after each picture: the decoder needn't wait for the next one to know that it is whole.
_DELIMITER = _START + b"\x09\xf0"


class Stream:
    """One RTP stream as it came."""

    def __init__(self, step):
        self._step = step
        self._sequence = self._timestamp = self._ssrc = None
        self.packets = self.lost = self.restarts = self.left_out = self.dropped_here = 0

    def counts(self):
        return {"packets": self.packets, "lost": self.lost + self.restarts, "left_out": self.left_out,
                "dropped_here": self.dropped_here}

    def take(self, packet):
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


class Pictures:
    """One site's pictures: when the last packet of each came, and the luma in its middle.

    ffmpeg gets one access unit after the other and gives back one picture for each: their order joins the two.
    """

    def __init__(self):
        # By picture: when its last packet came, in ns, and when it was handed to the decoder.
        self.arrivals = []
        # By picture: when it was decoded, and its luma.
        self.seen = []
        self._unit = bytearray()
        self._fed = queue.Queue()
        self._changed = threading.Condition()
        self._decoder = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-nostdin", "-probesize", "32", "-analyzeduration", "0",
             "-flags", "low_delay", "-threads", "1", "-framerate", str(sites.RATE), "-f", "h264", "-i", "pipe:0",
             "-vf", f"scale={_WIDTH}:{_HEIGHT}:flags=area,format=gray", "-fps_mode", "passthrough",
             "-f", "rawvideo", "-flush_packets", "1", "pipe:1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._feed, self._look)]
        for thread in self._threads:
            thread.start()

    def take(self, packet, moment):
        payload = _payload(packet)
        kind = payload[0] & 31
        if kind == 28:
            if payload[1] & 128:
                self._unit += _START + bytes([payload[0] & 0xE0 | payload[1] & 31])
            self._unit += payload[2:]
        elif kind == 24:
            at = 1
            while at + 2 < len(payload):
                size = int.from_bytes(payload[at:at + 2], "big")
                self._unit += _START + payload[at + 2:at + 2 + size]
                at += 2 + size
        else:
            self._unit += _START + payload
        if packet[1] & 128:
            unit, self._unit = bytes(self._unit), bytearray()
            # Until the first keyframe there is nothing to decode.
            if self.arrivals or _START + b"\x67" in unit or _START + b"\x47" in unit or _START + b"\x27" in unit:
                self.arrivals.append((moment, time.time_ns()))
                self._fed.put(unit + _DELIMITER)

    def first(self, since, holds, seconds=3):
        """When the last packet came of the first picture after `since` whose luma `holds`; None: none did in time."""
        at = 0
        end = time.monotonic() + seconds
        with self._changed:
            while True:
                while at < len(self.seen):
                    if self.arrivals[at][0] > since and holds(self.seen[at][1]):
                        return self.arrivals[at][0]
                    at += 1
                if not self._changed.wait(end - time.monotonic()) or time.monotonic() > end:
                    return None

    def luma(self):
        """Of the latest picture."""
        return self.seen[-1][1]

    def decoding(self):
        """How long after its last packet each picture was decoded, in ns."""
        return [seen[0] - arrival[0] for seen, arrival in zip(self.seen, self.arrivals)]

    def stop(self):
        """Answers how many pictures went in, and how many came out."""
        self._fed.put(None)
        try:
            self._decoder.wait(5)
        except subprocess.TimeoutExpired:
            self._decoder.kill()
            self._decoder.wait()
        for thread in self._threads:
            thread.join(5)
        return len(self.arrivals), len(self.seen)

    def _feed(self):
        try:
            while (unit := self._fed.get()) is not None:
                rest = memoryview(unit)
                while rest:
                    rest = rest[self._decoder.stdin.write(rest):]
            self._decoder.stdin.close()
        except OSError:
            pass  # It ended; the counts of pictures tell.

    def _look(self):
        size = _WIDTH * _HEIGHT
        picture = b""
        while part := self._decoder.stdout.read(size - len(picture)):
            picture += part
            if len(picture) < size:
                continue
            # The middle: no name is drawn there.
            rows = [picture[y * _WIDTH + 8:y * _WIDTH + 24] for y in range(7, 12)]
            luma = sum(map(sum, rows)) / (5 * 16)
            with self._changed:
                self.seen.append((time.time_ns(), luma))
                self._changed.notify_all()
            picture = b""


class Receivers:
    """All sites' ports, in one thread."""

    def __init__(self):
        self.pictures = Pictures()
        self.streams = {}
        self._selector = selectors.DefaultSelector()
        for site in sites.IDS:
            picture, sound = Stream(90000 // sites.RATE), Stream(960)
            self.streams[site] = (picture, sound)
            for offset, stream in enumerate((sound, None, picture, None)):
                line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
                for option in (_SO_TIMESTAMPNS, _SO_RXQ_OVFL):
                    line.setsockopt(socket.SOL_SOCKET, option, 1)
                line.bind((sites.HOST, sites.ports_out(site) + offset))
                line.setblocking(False)
                is_shown = site == VIEWER and stream is picture
                self._selector.register(line, selectors.EVENT_READ, (stream, is_shown))
        self._is_over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def counts(self):
        """By site: of its pictures, and of its sound."""
        return {site: tuple(stream.counts() for stream in both) for site, both in self.streams.items()}

    def stop(self):
        self._is_over = True
        self._thread.join(5)
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()
        return self.pictures.stop()

    def _run(self):
        while not self._is_over:
            for key, _ in self._selector.select(0.1):
                stream, is_shown = key.data
                while True:
                    try:
                        packet, besides, _, _ = key.fileobj.recvmsg(2048, 256)
                    except BlockingIOError:
                        break
                    if stream is None or len(packet) < 13 or packet[0] >> 6 != 2:
                        continue
                    moment = time.time_ns()
                    for _, kind, data in besides:
                        if kind == _SO_TIMESTAMPNS:
                            seconds, nanoseconds = struct.unpack("qq", data)
                            moment = seconds * 1_000_000_000 + nanoseconds
                        elif kind == _SO_RXQ_OVFL:
                            stream.dropped_here = struct.unpack("I", data)[0]
                    stream.take(packet)
                    if is_shown:
                        self.pictures.take(packet, moment)


def _payload(packet):
    start = 12 + 4 * (packet[0] & 15)
    if packet[0] & 16:
        start += 4 + 4 * int.from_bytes(packet[start + 2:start + 4], "big")
    return packet[start:len(packet) - packet[-1]] if packet[0] & 32 else packet[start:]
