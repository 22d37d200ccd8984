"""A long meeting on bad lines: what must not grow, and what the clean sites must not notice."""

import argparse
import csv
import random
import signal
import statistics
import subprocess
import sys
import time

import meeting
import verdict
from churn import Churn
from receivers import PictureWatch, Receivers

INTERVAL = 10


def arguments():
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="after the warm-up (10)")
    parser.add_argument("--seed", type=int, default=None, help="of all that happens; a random one is printed")
    parser.add_argument("--warm-up", type=float, default=40, help="in seconds: churn goes on, nothing is counted (40)")
    chosen = parser.parse_args()
    if not 1 <= chosen.minutes <= 10_000:
        parser.error("expected 1 to 10000 minutes")
    if chosen.seed is None:
        chosen.seed = random.randrange(1_000_000)
    return chosen


class Soak:
    """One run: everything starts, goes on and ends here."""

    def __init__(self, chosen):
        self._chosen = chosen
        self.samples, self.rules, self.events = [], [], []

    def run(self):
        chosen = self._chosen
        print(f"soak: {chosen.minutes:g} min of province-13, seed {chosen.seed}; bad lines: "
              f"{', '.join(meeting.IMPAIRED)}", flush=True)
        receivers = Receivers()
        running = watch = None
        try:
            running = meeting.Meeting(chosen.seed, chosen.warm_up + 60 * chosen.minutes)
            watch = PictureWatch(running.folder)
            self._live_through(running, receivers, watch)
        finally:
            if watch:
                watch.stop()
            status = running.stop() if running else None
            receivers.stop()
        self.rules.append(verdict.Rule("the bridge's end", status == 0, f"exit status {status}"))

    def _live_through(self, running, receivers, watch):
        chosen = self._chosen
        start = time.monotonic()
        churn = Churn(chosen.seed, lambda text: self.events.append((time.monotonic() - start, text)))
        self._until(running, churn, start, start + chosen.warm_up)
        before, begin = running.stats(), time.monotonic()
        watch.restart_counts()
        receivers.restart_counts()
        dropped = receivers.dropped_here()
        end = begin + 60 * chosen.minutes
        while time.monotonic() < end:
            self._until(running, churn, start, min(end, time.monotonic() + INTERVAL))
            self._sample(running, watch, begin)
        after = running.stats()
        dropped = receivers.dropped_here() - dropped
        self.rules += [
            *verdict.growth(self.samples), *verdict.clean_sites(before, after, meeting.CLEAN),
            *verdict.streams("sound", [receivers.sound[site] for site in meeting.CLEAN], dropped),
            *verdict.streams("pictures", [receivers.pictures[site] for site in meeting.CLEAN], dropped),
            *verdict.pictures(watch.cells), *verdict.ticks(before, after),
            verdict.Rule("layouts", len(churn.layout_changes) > 0, f"{len(churn.layout_changes)} changes")]

    def _until(self, running, churn, start, end):
        while (now := time.monotonic()) < end:
            churn.run(running, now - start)
            if running.bridge.poll() is not None:
                raise RuntimeError(f"the bridge ended: {running.log('bridge')[-800:]}")
            if dead := running.dead_senders():
                raise RuntimeError(f"a sender ended: {', '.join(dead)}: {running.log('sender-' + dead[0])[-400:]}")
            time.sleep(min(0.2, max(0, end - now)))

    def _sample(self, running, watch, begin):
        stats, process = running.stats(), running.process()
        clean = [site["audio_in"]["delay_ms"] for site in stats["sites"] if site["id"] in meeting.CLEAN]
        lateness = [late for cell in watch.cells.values() for late in cell.recent_lateness()]
        sample = {
            "second": round(time.monotonic() - begin), **process, "sound_delay_ms": statistics.mean(clean),
            "picture_delay_ms": 1000 * statistics.median(lateness) if lateness else None,
            "missing": sum(cell.missing for cell in watch.cells.values()),
            "late_ticks": stats["programs"][0]["late_ticks"], "encode_groups": len(stats["encode_groups"]),
            "live": sum(site["state"] == "live" for site in stats["sites"])}
        for site in stats["sites"]:
            sample[f"{site['id']}_delay_ms"] = site["audio_in"]["delay_ms"]
        cpu = (process["cpu_s"] - self.samples[-1]["cpu_s"]) / INTERVAL if self.samples else None
        self.samples.append(sample)
        print(f"{sample['second']:5} s  {sample['rss_mb']:.0f} MB  {sample['fds']} fds  {sample['threads']} threads  "
              f"{'' if cpu is None else f'{cpu:.2f} cores  '}{sample['live']} live  "
              f"sound {sample['sound_delay_ms']:.0f} ms  {sample['missing']} frames missing  "
              f"{sample['late_ticks']} late ticks", flush=True)

    def save(self):
        folder = meeting.ROOT / "out"
        folder.mkdir(exist_ok=True)
        if self.samples:
            with open(folder / "soak.csv", "w", newline="") as file:
                writer = csv.DictWriter(file, self.samples[0].keys())
                writer.writeheader()
                writer.writerows(
                    {key: round(value, 2) if isinstance(value, float) else value for key, value in sample.items()}
                    for sample in self.samples)
        page = [f"# Soak: {self._chosen.minutes:g} min, seed {self._chosen.seed}", "",
                "| rule | | figures |", "|---|---|---|"]
        page += [f"| {rule.name} | {str(rule).split()[0]} | {rule.figures} |" for rule in self.rules]
        page += ["", "What happened, in seconds from the start:", "", "```"]
        page += [f"{second:7.1f} {text}" for second, text in self.events] + ["```"]
        (folder / "soak.md").write_text("\n".join(page) + "\n")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = arguments()
    soak = Soak(chosen)
    try:
        soak.run()
    except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
        soak.rules.append(verdict.Rule("the run", False, str(failure)))
    soak.save()
    for rule in soak.rules:
        print(rule)
    failed = [rule.name for rule in soak.rules if rule.passed is False]
    if failed:
        print(f"soak: failed by {', '.join(failed)}; again by --seed {chosen.seed}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
