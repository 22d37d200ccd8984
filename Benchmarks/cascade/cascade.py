"""The cascade: Central, the province, three districts, six communes. Who sees and hears whom, and what each level costs."""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time

import tree
from network import Network
from tree import NODES, ROOT, children

if "--chain" in sys.argv:
    tree.keep(tree.CHAIN)
# Both look at who is there as they are read.
import watch  # noqa: E402
from meeting import TURN, Meeting  # noqa: E402

LEVELS = ["Central", "province", "districts", "communes"]
_OUT = ROOT / "out" / "cascade"


def arguments():
    parser = argparse.ArgumentParser(prog="make cascade-demo", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help=f"in which each room speaks for {TURN} s (1)")
    parser.add_argument("--line", default="delay=10ms,jitter=5ms,loss=0.5%", help="between bridges, as impair has it")
    parser.add_argument("--chain", action="store_true", help="one bridge a level: what a level adds, with little else running")
    parser.add_argument("--apart", choices=["namespaces", "addresses"], default="namespaces",
                        help="where the bridges stand: addresses are those of the loopback (namespaces, where they can be made)")
    parser.add_argument("--bad", default="loss=15%", help="what one commune's line is spoilt by at the end")
    chosen = parser.parse_args()
    if not 1 <= chosen.rounds <= 100:
        parser.error("expected 1 to 100 rounds")
    return chosen


def say(text=""):
    print(text, flush=True)


class Demo:
    def __init__(self, chosen):
        self._chosen = chosen
        self._faults = []

    def run(self):
        network = Network(NODES, self._chosen.apart == "namespaces")
        meeting = None
        seconds = TURN * len(NODES) * self._chosen.rounds
        say(f"cascade: {len(NODES)} bridges in {network.kind}; lines: {self._chosen.line}")
        try:
            meeting = Meeting(network, self._chosen.line, seconds + 600)
            rooms = {id: watch.Room(meeting, id) for id in NODES}
            self._wait_until_whole(meeting)
            self._watch(meeting, rooms, seconds)
            self._spoil(meeting)
        finally:
            if meeting:
                meeting.stop()
            network.close()
        for fault in self._faults:
            say(f"FAIL {fault}")
        say("cascade: " + ("failed" if self._faults else "everybody sees and hears everybody else, and nobody itself"))
        return 1 if self._faults else 0

    def _wait_until_whole(self, meeting):
        say("waiting until every bridge shows its room and its links …")
        deadline = time.time() + 30
        while True:
            waiting = [f"{id}: {site['id']}" for id in NODES for site in meeting.stats(id)["sites"]
                       if site["state"] != "live"]
            if not waiting:
                return
            if time.time() > deadline:
                raise RuntimeError("not live after 30 s: " + ", ".join(waiting))
            time.sleep(0.5)

    def _watch(self, meeting, rooms, seconds):
        say(f"watching {seconds} s: each room speaks for {TURN} s in turn …")
        begin = time.time()
        cpu = {id: meeting.cpu_seconds(id) for id in NODES}
        for room in rooms.values():
            room.restart_counts()
        while time.time() < begin + seconds:
            for id, room in rooms.items():
                room.cells = [(cell["x"], cell["y"], cell["width"], cell["height"])
                              for cell in meeting.stats(id)["programs"][0]["cells"] if cell.get("site")]
            time.sleep(0.5)
        took = time.time() - begin
        cpu = {id: (meeting.cpu_seconds(id) - cpu[id]) / took for id in NODES}
        # What was said last is underway.
        time.sleep(1)
        for room in rooms.values():
            room.is_done = True
        self._save_pictures(meeting)
        self._table("sees", rooms, {id: self._sees(room) for id, room in rooms.items()})
        hears = {id: room.hears(begin) for id, room in rooms.items()}
        self._table("hears", rooms, {id: self._hears(id, levels) for id, levels in hears.items()})
        self._echo(hears)
        self._delays(rooms)
        self._sound_delays(rooms, {id: meeting.turns(id, begin, time.time() - TURN) for id in NODES})
        self._roll_call(meeting)
        say("\nCPU, in cores:")
        for level, word in enumerate(LEVELS):
            figures = [cpu[node.id] for node in NODES.values() if node.level == level]
            say(f"  {word:10} {statistics.mean(figures):.3f} each")

    def _sees(self, room):
        cells = {}
        for id in NODES:
            share = room.seen[id] / max(1, room.looked_at)
            cells[id] = f"{share * 100:.0f} %"
            if share == 0:
                self._faults.append(f"{room.id} never sees {id}")
        return cells

    def _hears(self, listener, levels):
        cells = {}
        for id in NODES:
            cells[id] = f"{levels[id]:.0f} dB"
            if id != listener and levels[id] < -30:
                self._faults.append(f"{listener} does not hear {id}")
        return cells

    def _echo(self, hears):
        worst, where = min(
            (statistics.median(level for id, level in levels.items() if id != listener) - levels[listener], listener)
            for listener, levels in hears.items())
        say(f"\necho: nobody's own tone is less than {worst:.0f} dB below the others' (at {where})")
        if worst < 40:
            self._faults.append(f"{where} hears itself: {worst:.0f} dB below the others")

    def _delays(self, rooms):
        say("\npicture delay added by each level upwards, the line's own delay in it (ms, median / 95 %):")
        for level in (2, 1, 0):
            found = []
            for node in (node for node in NODES.values() if node.level == level):
                for child in children(node.id):
                    below = [child] + [id for id in NODES if self._is_below(id, child)]
                    for source in below:
                        found += watch.delays(source, rooms[child], rooms[node.id])
            if len(found) < 20:
                say(f"  {LEVELS[level + 1]} to {LEVELS[level]}: only {len(found)} pictures found at both")
                continue
            found.sort()
            say(f"  {LEVELS[level + 1]} to {LEVELS[level]}: {statistics.median(found):.0f} / "
                f"{found[int(len(found) * 0.95)]:.0f}, of {len(found)} pictures")

    def _sound_delays(self, rooms, turns):
        say("\nsound delay added by each level, in the same way (median / most):")
        for level in (2, 1, 0):
            upwards, downwards = [], []
            for node in (node for node in NODES.values() if node.level == level):
                for child in children(node.id):
                    # Nobody hears himself: who stands at neither end of the link tells what it adds, from whichever side.
                    for source in (id for id in NODES if id not in (node.id, child)):
                        way, near, far = ((upwards, child, node.id) if self._is_below(source, child) else
                                          (downwards, node.id, child))
                        way += watch.sound_delays(source, rooms[near], rooms[far], turns[source])
            for way, first, second in ((upwards, level + 1, level), (downwards, level, level + 1)):
                if way:
                    say(f"  {LEVELS[first]} to {LEVELS[second]}: {statistics.median(way):.0f} / {max(way):.0f}, "
                        f"of {len(way)} turns")

    def _is_below(self, id, above):
        while id := NODES[id].parent:
            if id == above:
                return True
        return False

    def _roll_call(self, meeting):
        say("\nroll call, read at the province:")
        for row in json.loads(meeting.get("province", "v1/roll-call"))["rows"]:
            marks = (" speaks" if row["speaking"] else "") + (" muted" if row["muted"] else "")
            say(f"  {'    ' * row['depth']}{row['name']:24} {row['kind']:9} {row['state']}{marks}")

    def _table(self, verb, rooms, rows):
        say(f"\nwho {verb} whom (rows: the room that {verb}):")
        width = max(len(id) for id in NODES) + 1
        say(" " * width + "".join(f"{id[:8]:>9}" for id in NODES))
        for id in rooms:
            say(f"{id:{width}}" + "".join(f"{rows[id][other]:>9}" for other in NODES))

    def _save_pictures(self, meeting):
        _OUT.mkdir(parents=True, exist_ok=True)
        for id in NODES:
            (_OUT / f"{id}.png").write_bytes(meeting.get(id, "v1/programs/room/picture.png"))
        say(f"a picture of each room's program: {_OUT.relative_to(ROOT)}/")

    def _spoil(self, meeting):
        victim = next(id for id in NODES if NODES[id].level == 3)
        say(f"\nkeyframes a minute in each stream that is sent; then with the line of {victim} at {self._chosen.bad}:")
        seconds = 15
        for what in ("", self._chosen.bad):
            if what:
                meeting.spoil(victim, what)
            before = {id: self._keyframes(meeting, id) for id in NODES}
            time.sleep(seconds)
            after = {id: self._keyframes(meeting, id) for id in NODES}
            say("  " + "; ".join(
                f"{word} " + self._rate([after[n.id] - before[n.id] for n in NODES.values() if n.level == level],
                                        seconds)
                for level, word in enumerate(LEVELS)))

    @staticmethod
    def _rate(counts, seconds):
        return f"{60 * statistics.mean(counts) / seconds:.0f}"

    @staticmethod
    def _keyframes(meeting, id):
        return statistics.mean(site["video_out"]["keyframes"] for site in meeting.stats(id)["sites"])


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = arguments()
    # Whoever may make namespaces does it in one of its own: nothing of it is seen outside.
    if chosen.apart == "namespaces" and os.geteuid() == 0 and "MCU_CASCADE_APART" not in os.environ:
        if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0:
            os.environ["MCU_CASCADE_APART"] = "1"
            os.execvp("unshare", ["unshare", "-n", sys.executable, *sys.argv])
    try:
        return Demo(chosen).run()
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        say(f"FAIL {failure}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
