"""The rules of a soak, each one line with its figures."""

import statistics

# MB, and of the first figure: what allocators keep when they have had a bad day.
MEMORY = (12, 0.05)
THREADS = 4
# ms: of the sound's jitter buffers, and of the pictures against their pace.
SOUND_DELAY, PICTURE_DELAY = 60, 70
# Of a clean site's frames: a machine that does other things holds senders up now and then. In seconds: the longest that
# one frame may stand.
MISSING, FREEZE = 0.005, 0.5


class Rule:
    def __init__(self, name, passed, figures):
        self.name, self.passed, self.figures = name, passed, figures

    def __str__(self):
        word = {True: "ok  ", False: "FAIL", None: "info"}[self.passed]
        return f"{word} {self.name}: {self.figures}"


def _thirds(samples, key, of=statistics.median):
    """The medians, or what else `of` makes, of the first and of the last third."""
    values = [sample[key] for sample in samples if sample[key] is not None]
    third = max(1, len(values) // 3)
    return of(values[:third]), of(values[-third:])


def growth(samples):
    """What must not grow: samples since the warm-up, oldest first."""
    before, after = _thirds(samples, "rss_mb")
    yield Rule("memory", after - before <= MEMORY[0] + MEMORY[1] * before,
               f"{before:.0f} MB in the first third, {after:.0f} MB in the last; "
               f"{max(sample['rss_mb'] for sample in samples):.0f} MB at most")
    # The fewest of each third: a connection of whoever reads /stats comes and goes, a leak stays.
    before, after = _thirds(samples, "fds", of=min)
    yield Rule("descriptors", after <= before, f"{before:.0f}, then {after:.0f}")
    before, after = _thirds(samples, "threads")
    yield Rule("threads", after - before <= THREADS, f"{before:.0f}, then {after:.0f}")
    before, after = _thirds(samples, "sound_delay_ms")
    yield Rule("delay of clean sites' sound", after - before <= SOUND_DELAY, f"{before:.0f} ms, then {after:.0f} ms")
    before, after = _thirds(samples, "picture_delay_ms")
    yield Rule("delay of clean sites' pictures", after - before <= PICTURE_DELAY,
               f"{after - before:+.0f} ms from the first third to the last")


def clean_sites(before, after, ids):
    """What the bridge counted of the clean sites' own packets between two documents of /stats."""
    def count(stats, medium, key):
        return sum(site[medium][key] for site in stats["sites"] if site["id"] in ids)

    for name, medium, keys in (
            ("pictures from clean sites", "video_in", ("lost", "frames_dropped", "decode_errors")),
            ("sound from clean sites", "audio_in", ("lost", "late"))):
        rises = {key: count(after, medium, key) - count(before, medium, key) for key in keys}
        yield Rule(name, not any(rises.values()), ", ".join(f"{key} {rise}" for key, rise in rises.items()))
    made_up = count(after, "audio_in", "concealed_ms") - count(before, "audio_in", "concealed_ms")
    yield Rule("sound made up for clean sites", None, f"{made_up} ms, where the machine held a sender up")


def streams(name, counts, dropped_here):
    """What came to the receivers of clean sites."""
    lost = sum(stream.lost for stream in counts)
    restarts = sum(stream.restarts for stream in counts)
    packets = sum(stream.packets for stream in counts)
    least = min(stream.packets for stream in counts)
    left_out = sum(stream.left_out for stream in counts)
    yield Rule(f"{name} to clean sites", lost <= dropped_here and restarts == 0 and least > 0,
               f"{packets} packets, {lost} lost ({dropped_here} by this script), {restarts} streams began anew")
    yield Rule(f"{name}, ticks left out", None, f"{left_out} of all {len(counts)} streams")


def pictures(cells):
    """What the viewer saw of the watched sites."""
    for site, cell in cells.items():
        share = cell.missing / max(1, cell.shown)
        yield Rule(
            f"frames of {site} as seen",
            cell.shown > 0 and cell.unreadable == 0 and cell.backwards == 0 and share <= MISSING
            and cell.longest_freeze <= FREEZE,
            f"{cell.shown} pictures, {cell.missing} frames missing, {cell.unreadable} unreadable, "
            f"{cell.backwards} backwards, longest freeze {cell.longest_freeze * 1000:.0f} ms")


def ticks(before, after):
    """What a shared machine may do to the ticks."""
    def late(stats):
        room = stats["programs"][0]
        return room["late_ticks"], room["dropped_ticks"], room["frames"], stats["audio"]["late_ticks"]

    rises = [b - a for a, b in zip(late(before), late(after))]
    yield Rule("ticks", rises[0] + rises[1] <= 0.1 * max(1, rises[2]),
               f"{rises[2]} of pictures, {rises[0]} late, {rises[1]} left out; {rises[3]} late of sound")
