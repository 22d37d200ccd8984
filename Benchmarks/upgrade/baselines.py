"""The recorded figures: a file for each machine, under Git."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess

FOLDER = pathlib.Path(__file__).resolve().parent / "baselines"


def processor():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return model.group(1).strip() if model else platform.machine()


def machine():
    """A file name of the processor and its cores."""
    words = re.sub(r"\((r|tm)\)", "", processor(), flags=re.I)
    return re.sub(r"[^a-z0-9]+", "-", f"{words} {os.cpu_count()} cores".lower()).strip("-")


def _path(is_quick):
    # A quick run measures shorter: its memory and delays are others.
    return FOLDER / f"{machine()}{'.quick' if is_quick else ''}.json"


def load(is_quick):
    """This machine's baseline, else the newest of any, else None; and whether it is this machine's."""
    own = _path(is_quick)
    if own.exists():
        return json.loads(own.read_text()), True
    others = [json.loads(path.read_text()) for path in FOLDER.glob("*.json") if path.stem.endswith(".quick") == is_quick]
    return max(others, key=lambda baseline: baseline["date"], default=None), False


def record(measured, areas, is_quick):
    """Writes this machine's baseline; figures of areas that were not measured stay. Answers the path."""
    path = _path(is_quick)
    kept = json.loads(path.read_text())["figures"] if path.exists() else {}
    figures = {key: value for key, value in kept.items() if key.split(":")[0] not in areas}
    figures |= {figure.key: round(value, 4) for figure, value in measured.items()}
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=FOLDER.parent, capture_output=True, text=True).stdout.strip()
    document = {
        "machine": f"{os.cpu_count()} x {processor()}",
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "commit": commit or "unknown",
        "figures": figures,
    }
    FOLDER.mkdir(exist_ok=True)
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path
