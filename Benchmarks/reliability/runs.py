"""All runs, and the page of their figures."""

import argparse
import json
import os
import signal
import sys

import audio_meter
import video_meter
from run import ROOT, WARM_UP, Run

STALL = 5


def arguments():
    parser = argparse.ArgumentParser(prog="measure", description="What a bad line does to a meeting.")
    parser.add_argument("seconds", nargs="?", type=int, default=20, help="of each run (20)")
    parser.add_argument("--peer", choices=["gstreamer", "none"], default="gstreamer", help="runs beside the bridge's")
    parser.add_argument("--only", choices=["bridge", "gstreamer"], help="one mixer")
    parser.add_argument("--loss", default="1,5,10,20,30", help="shares in %%, with commas")
    parser.add_argument("--patterns", default="random,bursts", help="of loss")
    parser.add_argument("--jitter", default="0,30,100", help="in ms, with commas")
    parser.add_argument("--no-stall", action="store_true", help="without the runs with a stall")
    parser.add_argument("--keep", action="store_true", help="keep the recordings; tells where")
    chosen = parser.parse_args()
    if not 5 <= chosen.seconds <= 600:
        parser.error("expected 5 to 600 seconds")
    return chosen


class Table:
    """Figures by mixer and case, told as they come."""

    def __init__(self, chosen):
        self.chosen = chosen
        self.rows = []
        self.masks = {}
        self.failed = False

    def run(self, mixer, kind, case, line, script="", seconds=None):
        try:
            run = Run(mixer, line, seconds or self.chosen.seconds, script)
        except (RuntimeError, OSError, StopIteration) as failure:
            print(f"reliability: {mixer}, {case}: no figures: {failure}", file=sys.stderr, flush=True)
            self.failed = True
            return
        try:
            figures, self.masks[mixer] = run.figures(self.masks.get(mixer))
            if kind == "stall":
                event = next(event for event in run.relay["events"] if event["command"].startswith("stall"))
                end = event["time"] + STALL
                figures["recovered_s"] = {
                    "video": video_meter.recovered_after(run.sent_pictures, run.shown_pictures, end, self.masks[mixer]),
                    "audio": audio_meter.recovered_after(run.sent_sound, run.played_sound, end, run.end)}
            self.rows.append({"mixer": mixer, "kind": kind, "case": case, **figures})
            print(json.dumps(self.rows[-1]), file=sys.stderr, flush=True)
            self._save()
            if self.chosen.keep:
                print(f"kept: {run.folder}", file=sys.stderr)
        finally:
            if not self.chosen.keep:
                run.remove()

    def _save(self):
        """After each run: one that fails costs itself only."""
        folder = ROOT / "out"
        folder.mkdir(exist_ok=True)
        (folder / "reliability.json").write_text(json.dumps(self.rows, indent=1) + "\n")
        (folder / "reliability.md").write_text(self.markdown())

    def markdown(self):
        page = [f"Each run {self.chosen.seconds} s, 40 ms there and back; the sender answers NACK and PLI.", "",
                "| line | mixer | frozen s/min | longest s | damaged | PSNR dB | concealed | gaps > 60 ms | PESQ |",
                "|---|---|---|---|---|---|---|---|---|"]
        for row in self._of("loss"):
            video, audio = row["video"], row["audio"]
            page.append(self._row(
                row["case"], row["mixer"], video["frozen_s_per_min"], video["longest_freeze_s"],
                f"{video['damaged']} of {video['pictures']}", video["psnr_db"], self._percent(row["concealed"]),
                audio["audible_gaps"], audio["pesq"]))
        page += ["", "| jitter | mixer | added audio delay ms, median / 95 % | picture delay ms, median / 95 % | PESQ |",
                 "|---|---|---|---|---|"]
        for row in self._of("jitter"):
            page.append(self._row(
                row["case"], row["mixer"], self._pair(row["audio"]["added_ms"]),
                self._pair(row["video"]["delay_ms"]), row["audio"]["pesq"]))
        page += ["", f"| stall of {STALL} s | mixer | picture whole after s | speech heard after s |",
                 "|---|---|---|---|"]
        for row in self._of("stall"):
            page.append(self._row(
                row["case"], row["mixer"], row["recovered_s"]["video"], row["recovered_s"]["audio"]))
        return "\n".join(page) + "\n"

    def _of(self, kind):
        return [row for row in self.rows if row["kind"] == kind]

    @staticmethod
    def _row(*cells):
        return "| " + " | ".join("–" if cell is None else str(cell) for cell in cells) + " |"

    @staticmethod
    def _pair(quantiles):
        return None if quantiles is None else f"{quantiles['median']} / {quantiles['p95']}"

    @staticmethod
    def _percent(share):
        return None if share is None else f"{share * 100:.1f} %"


def main():
    # Asked to end, it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = arguments()
    mixers = [chosen.only] if chosen.only else ["bridge"] + ([chosen.peer] if chosen.peer != "none" else [])
    table = Table(chosen)
    losses = [float(share) for share in chosen.loss.split(",") if share]
    for mixer in mixers:
        # First, since it is what the others' blocks are compared by.
        table.run(mixer, "loss", "clean", "loss=0")
    for pattern in [pattern for pattern in chosen.patterns.split(",") if pattern]:
        for share in losses:
            for mixer in mixers:
                burst = ",burst=3" if pattern == "bursts" else ""
                table.run(mixer, "loss", f"{share:g} % {pattern}", f"loss={share / 100}{burst}")
    for jitter in [jitter for jitter in chosen.jitter.split(",") if jitter]:
        for mixer in mixers:
            table.run(mixer, "jitter", f"{jitter} ms", f"jitter={jitter}ms")
    if not chosen.no_stall:
        for kind in ("held", "lost"):
            for mixer in mixers:
                at, word = WARM_UP + 2, " lost" if kind == "lost" else ""
                table.run(mixer, "stall", kind, "loss=0", f"{at} stall line {STALL}s{word}\n", STALL + 12)
    print(table.markdown(), end="")
    return 1 if table.failed else 0


if __name__ == "__main__":
    if os.environ.get("PORTS", "26000").isdigit():
        sys.exit(main())
    else:
        sys.exit("measure: PORTS: expected a number")
