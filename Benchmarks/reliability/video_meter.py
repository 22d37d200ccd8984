"""What a viewer saw: freezes, damaged pictures, delay; from what was sent and what was shown, with their times."""

import numpy

from streams import HEIGHT, WIDTH

BLOCK = 16
# Below this a block is plainly not what was sent: a motion missed by one picture gives 20 dB on this film.
DAMAGE_DB = 25.0


def frame_number(luma):
    """The number in the strip that scripts/picture-code describes: None without a strip, -1 for one that is broken."""
    unit = WIDTH // 20

    def square(index):
        left, top = (index + 1) * unit, unit * 3 // 4
        return float(luma[top + unit // 4 : top + unit * 3 // 4, left + unit // 4 : left + unit * 3 // 4].mean())

    white, black = square(0), square(1)
    if white - black <= 40:
        return None
    code = 0
    for index in range(2, 14):
        level = (square(index) - black) / (white - black)
        if 1 / 3 <= level <= 2 / 3:
            return -1
        code = code << 1 | (level > 0.5)
    number = code >> 3
    return number if code & 7 == number % 7 + 1 else -1


def block_psnr(shown, sent):
    """PSNR of each block in dB."""
    rows, columns = HEIGHT // BLOCK, WIDTH // BLOCK
    error = shown[: rows * BLOCK, : columns * BLOCK].astype(numpy.float32) - sent[: rows * BLOCK, : columns * BLOCK]
    square = (error * error).reshape(rows, BLOCK, columns, BLOCK).mean(axis=(1, 3))
    return 10 * numpy.log10(255 * 255 / numpy.maximum(square, 0.01))


def measure(sent, shown, start, end, mask=None):
    """Meters of one run.

    sent, shown: (times, pictures); the meters are of `start` to `end`.
    mask: blocks that are compared; None makes one of this run, which must be clean: labels and marks drawn on the
    picture are wrong in most of it.
    Returns (figures, mask).
    """
    by_number = {}
    for index, picture in enumerate(sent[1]):
        by_number.setdefault(frame_number(picture), []).append((sent[0][index], index))
    changes, delays, comparisons, broken = [], [], [], 0
    previous, before, moved = None, None, False
    for time, picture in zip(*shown):
        if not start <= time < end:
            continue
        number = frame_number(picture)
        moves = before is not None and _differs(picture, before)
        before = picture
        if number is None or number < 0:
            # A slate stands still; ruins of pictures move.
            if moves and moved:
                broken += 1
                changes.append(time)
            moved = moves
            continue
        moved = False
        if number == previous:
            continue
        previous = number
        candidates = [pair for pair in by_number.get(number, []) if time - 15 < pair[0] <= time]
        changes.append(time)
        if not candidates:
            broken += 1
            continue
        departure, index = candidates[-1]
        delays.append(time - departure)
        comparisons.append(block_psnr(picture, sent[1][index]))
    blocks = numpy.array(comparisons).reshape(-1, HEIGHT // BLOCK, WIDTH // BLOCK)
    if mask is None:
        mask = numpy.median(blocks, axis=0) > DAMAGE_DB + 3 if len(blocks) else numpy.ones(blocks.shape[1:], bool)
    worst = numpy.where(mask, blocks, 99).min(axis=(1, 2)) if len(blocks) else numpy.zeros(0)
    # The definition of WebRTC's statistics: a gap over three intervals, and 150 ms over one.
    gaps = numpy.diff([start, *changes, end])
    interval = float(numpy.median(gaps)) if len(changes) else end - start
    interval = min(max(interval, 0.02), 0.1)
    freezes = gaps[gaps > max(3 * interval, interval + 0.15)]
    minutes = (end - start) / 60
    figures = {
        "pictures": len(changes),
        "freezes": len(freezes),
        "frozen_s_per_min": round(float(freezes.sum()) / minutes, 2),
        "longest_freeze_s": round(float(freezes.max(initial=0)), 2),
        "damaged": int((worst < DAMAGE_DB).sum()) + broken,
        "psnr_db": round(float(numpy.median(blocks[:, mask])), 1) if len(blocks) else None,
        "delay_ms": _quantiles(delays),
    }
    return figures, mask


def recovered_after(sent, shown, moment, mask):
    """Seconds from `moment` to the first whole picture that was sent after it; None if none came."""
    by_number = {}
    for index, picture in enumerate(sent[1]):
        if sent[0][index] >= moment:
            by_number.setdefault(frame_number(picture), []).append(index)
    for time, picture in zip(*shown):
        if time < moment:
            continue
        number = frame_number(picture)
        for index in by_number.get(number, []):
            if sent[0][index] <= time and numpy.where(mask, block_psnr(picture, sent[1][index]), 99).min() >= DAMAGE_DB:
                return round(time - moment, 2)
    return None


def _differs(picture, other):
    """Whether it is another picture, beyond what encoding the same one again does."""
    return float(numpy.abs(picture[::4, ::4].astype(numpy.int16) - other[::4, ::4]).mean()) > 1.5


def _quantiles(seconds):
    if not seconds:
        return None
    median, high = numpy.quantile(seconds, [0.5, 0.95])
    return {"median": round(float(median) * 1000), "p95": round(float(high) * 1000)}
