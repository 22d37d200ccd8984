"""Recorded RTP becomes pictures and samples, each with the time it was there."""

import struct
import subprocess

import numpy

WIDTH, HEIGHT = 640, 360


def _payload(packet):
    """Sequence number, timestamp, marker and payload of an RTP packet (RFC 3550 section 5.1), or None for RTCP."""
    if len(packet) < 12 or packet[0] >> 6 != 2 or 192 <= packet[1] <= 223:
        return None
    sequence, timestamp = struct.unpack_from(">HI", packet, 2)
    start, end = 12 + 4 * (packet[0] & 15), len(packet)
    if packet[0] & 0x10:
        start += 4 + 4 * struct.unpack_from(">H", packet, start + 2)[0]
    if packet[0] & 0x20:
        end -= packet[-1]
    return sequence, timestamp, packet[1] >> 7, packet[start:end]


def access_units(packets):
    """H.264 (RFC 6184, modes 0 and 1) as Annex B access units: [(when the last packet came, bytes)]."""
    units, unit, latest, payload_type = [], bytearray(), None, None
    for time, packet in packets:
        parsed = _payload(packet)
        if parsed is None:
            continue
        # The first payload type is the stream's own: another one repairs it.
        payload_type = packet[1] & 127 if payload_type is None else payload_type
        if packet[1] & 127 != payload_type:
            continue
        _, timestamp, marker, payload = parsed
        if latest is not None and timestamp != latest and unit:
            units.append((time, bytes(unit)))
            unit = bytearray()
        latest = timestamp
        kind = payload[0] & 31 if payload else 0
        if 1 <= kind <= 23:
            unit += b"\0\0\0\1" + payload
        elif kind == 24:
            at = 1
            while at + 2 <= len(payload):
                length = struct.unpack_from(">H", payload, at)[0]
                unit += b"\0\0\0\1" + payload[at + 2 : at + 2 + length]
                at += 2 + length
        elif kind == 28 and len(payload) > 2:
            if payload[1] & 0x80:
                unit += b"\0\0\0\1" + bytes([payload[0] & 0xE0 | payload[1] & 31])
            unit += payload[2:]
        if marker and unit:
            units.append((time, bytes(unit)))
            unit = bytearray()
    return units


def pictures(packets, folder, name):
    """The luma of each picture with the time it was there: (times, a map of the pictures on disk)."""
    units = access_units(packets)
    # What comes before the first parameter sets can't be decoded, and would shift every picture's time.
    while units and not any(nal[:1] and nal[0] & 31 == 7 for nal in units[0][1].split(b"\0\0\0\1")):
        units.pop(0)
    stream, raw = folder / f"{name}.h264", folder / f"{name}.yuv"
    stream.write_bytes(b"".join(unit for _, unit in units))
    ffmpeg = "ffmpeg -v error -nostdin -y -threads 1 -flags low_delay -f h264".split()
    subprocess.run(
        [*ffmpeg, "-i", stream, "-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw],
        check=bool(units), stderr=subprocess.DEVNULL)
    size = WIDTH * HEIGHT * 3 // 2
    count = raw.stat().st_size // size if raw.exists() else 0
    if count == 0:
        return [], numpy.zeros((0, HEIGHT, WIDTH), numpy.uint8)
    luma = numpy.memmap(raw, numpy.uint8, "r", shape=(count, HEIGHT * 3 // 2, WIDTH))[:, :HEIGHT]
    if count != len(units):
        print(f"reliability: {name}: {len(units)} access units, {count} pictures: times are off", flush=True)
    return [time for time, _ in units][:count], luma


def _ogg_checksum(page, table=[]):
    if not table:
        for byte in range(256):
            word = byte << 24
            for _ in range(8):
                word = (word << 1 ^ 0x04C11DB7) & 0xFFFFFFFF if word >> 31 else word << 1
            table.append(word)
    word = 0
    for byte in page:
        word = (word << 8 & 0xFFFFFFFF) ^ table[word >> 24 ^ byte]
    return word


def _ogg_page(payload, granule, number, flags):
    lacing = b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255])
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, granule, 1, number, 0, len(lacing)) + lacing
    page = bytearray(head + payload)
    struct.pack_into("<I", page, 22, _ogg_checksum(page))
    return bytes(page)


def samples(packets, folder, name):
    """48 kHz mono samples of an Opus stream and the time of the first: (time, samples).

    The time is of the fastest packet: on the loopback nothing else delays any. Packets that never came leave silence:
    only a mixer's output and a sender's tap are read here, and neither loses one.
    """
    parsed = [(time, _payload(packet)) for time, packet in packets]
    parsed = [(time, *fields) for time, fields in ((t, f) for t, f in parsed if f) if fields[3]]
    if not parsed:
        return 0.0, numpy.zeros(0, numpy.float32)
    first = parsed[0][2]
    timed = sorted({(((fields[1] - first + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)): (time, fields[3])
                    for time, *fields in parsed}.items())
    start = min(time - stamp / 48000 for stamp, (time, _) in timed)
    pages = [_ogg_page(struct.pack("<8sBBHIhB", b"OpusHead", 1, 2, 0, 48000, 0, 0), 0, 0, 2),
             _ogg_page(b"OpusTags" + struct.pack("<II", 0, 0), 0, 1, 0)]
    base = timed[0][0]
    for number, (stamp, (_, payload)) in enumerate(timed):
        pages.append(_ogg_page(payload, stamp - base + 960, number + 2, 4 if number == len(timed) - 1 else 0))
    path = folder / f"{name}.opus"
    path.write_bytes(b"".join(pages))
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-c:a", "libopus", "-i", path, "-ac", "1", "-f", "f32le", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
    sound = numpy.frombuffer(decoded, numpy.float32)
    # ffmpeg joins packets up; each goes to the place its timestamp says.
    whole = numpy.zeros(timed[-1][0] - base + 960, numpy.float32)
    for index, (stamp, _) in enumerate(timed):
        piece = sound[index * 960 : (index + 1) * 960]
        whole[stamp - base : stamp - base + len(piece)] = piece
    return start + base / 48000, whole
