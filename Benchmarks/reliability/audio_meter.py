"""What a listener heard: delay, gaps and a score, from what was sent and what was played, with their times."""

import warnings

import numpy

try:
    import pesq
except ImportError:
    pesq = None

RATE = 16000
FRAME = RATE // 50


def _narrow(sound):
    """48 kHz to 16 kHz, by the mean of three after a short low-pass: enough to compare by."""
    taps = numpy.hanning(13)[1:-1].astype(numpy.float32)
    smooth = numpy.convolve(sound, taps / taps.sum(), "same") if len(sound) else sound
    return smooth[: len(smooth) // 3 * 3 : 3]


def _cut(sound, start, end):
    """Samples of a (time, samples) pair from `start` to `end`, silence where there are none."""
    time, samples = sound
    first, count = round((start - time) * RATE), round((end - start) * RATE)
    whole = numpy.zeros(count, numpy.float32)
    low, high = max(0, first), min(len(samples), first + count)
    if low < high:
        whole[low - first : high - first] = samples[low:high]
    return whole


def _lag(sent, played, longest):
    """By how many samples `played` is behind `sent`, and how alike they are then (0 to 1)."""
    size = 1 << (len(sent) + len(played) - 1).bit_length()
    product = numpy.fft.irfft(numpy.fft.rfft(played, size) * numpy.conj(numpy.fft.rfft(sent, size)), size)
    lags = product[:longest]
    energy = numpy.cumsum(numpy.concatenate([[0], played.astype(numpy.float64) ** 2]))
    window = numpy.maximum(energy[len(sent) : len(sent) + longest] - energy[:longest], 1e-9)
    score = lags[: len(window)] / numpy.sqrt(window * max(1e-9, float((sent.astype(numpy.float64) ** 2).sum())))
    best = int(score.argmax())
    return best, float(score[best])


def _levels(sound):
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME).astype(numpy.float64)
    return 10 * numpy.log10((frames * frames).mean(axis=1) + 1e-12)


def measure(sent, played, start, end, fixed):
    """Meters of one run.

    sent, played: (time, 48 kHz samples); the meters are of what was sent from `start` to `end`.
    fixed: the line's own delay in seconds, which added delay leaves out.
    """
    sent, played = (sent[0], _narrow(sent[1])), (played[0], _narrow(played[1]))
    window, longest = 0.4, 2.0
    lags, unlike = [], 0
    for begin in numpy.arange(start, end - longest - window, 0.2):
        piece = _cut(sent, begin, begin + window)
        if _levels(piece).mean() < -40:
            continue
        lag, likeness = _lag(piece, _cut(played, begin, begin + window + longest), int(longest * RATE))
        if likeness > 0.6:
            lags.append(lag / RATE)
        else:
            unlike += 1
    if not lags:
        nothing = dict.fromkeys(("delay_ms", "added_ms", "audible_gaps", "gap_ms", "pesq"))
        return {**nothing, "unlike": unlike}
    middle = float(numpy.median(lags))
    reference = _cut(sent, start, end - longest)
    heard = _cut(played, start + middle, end - longest + middle)
    gaps = _gaps(_levels(reference), _levels(heard))
    return {
        "delay_ms": {"median": round(middle * 1000), "p95": round(float(numpy.quantile(lags, 0.95)) * 1000)},
        "added_ms": {"median": round((middle - fixed) * 1000),
                     "p95": round((float(numpy.quantile(lags, 0.95)) - fixed) * 1000)},
        "audible_gaps": len(gaps),
        "gap_ms": sum(gaps) * 20,
        "pesq": _score(reference, heard),
        # Pieces of speech with nothing like them in what was played.
        "unlike": unlike,
    }


def _gaps(sent, heard):
    """Runs over 60 ms of silence where speech was sent, in frames. Speech on both sides, so that a small shift of a
    pause is none."""
    count = min(len(sent), len(heard))
    gaps, run = [], 0
    for index in range(2, count - 2):
        speaks = sent[index - 2 : index + 3].min() > -38
        silent = heard[index] < -45 and heard[index] < sent[index] - 20
        run = run + 1 if speaks and silent else 0
        if run == 4:
            gaps.append(run)
        elif run > 4:
            gaps[-1] = run
    return gaps


def _score(sent, heard):
    """Wideband PESQ (ITU-T P.862.2), the mean over pieces of 8 s; None where the library is missing."""
    if pesq is None:
        return None
    scores = []
    for begin in range(0, len(sent) - 4 * RATE, 8 * RATE):
        pieces = [sound[begin : begin + 8 * RATE] for sound in (sent, heard)]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                scores.append(pesq.pesq(RATE, *pieces, "wb"))
        except pesq.PesqError:
            scores.append(1.0)
    return round(float(numpy.mean(scores)), 2) if scores else None


def recovered_after(sent, played, moment, end):
    """Seconds from `moment` until speech sent after it is heard whole; None if it never is."""
    sent, played = (sent[0], _narrow(sent[1])), (played[0], _narrow(played[1]))
    for begin in numpy.arange(moment, end - 2.4, 0.04):
        piece = _cut(sent, begin, begin + 0.4)
        if _levels(piece).mean() < -40:
            continue
        lag, likeness = _lag(piece, _cut(played, begin, begin + 2.4), 2 * RATE)
        if likeness > 0.6:
            return round(begin - moment + lag / RATE, 2)
    return None
