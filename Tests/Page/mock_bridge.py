#!/usr/bin/env python3
"""A bridge for the page's tests: serves the page and the API of docs/openapi.yaml with province-13, without media.

    mock_bridge.py [--port 8090] [--token T] [--role operator] [--without v1/line-check,v1/audit]

Needs Pillow, for the pictures. What a test wants to see or change is an attribute of `MockBridge`.
"""
import argparse
import datetime
import io
import json
import math
import pathlib
import queue
import random
import re
import socket
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from PIL import Image, ImageDraw, ImageFont

PAGE = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "mcu-server" / "Page"
POLICY = "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'"
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
         ".js": "text/javascript; charset=utf-8"}
SITES = [
    ("trung-uong", "Trung ương", "uplink"), ("tinh-uy", "Tỉnh ủy Bắc Ninh", "site"),
    ("bac-ninh", "Thành ủy Bắc Ninh", "site"), ("tu-son", "Thành ủy Từ Sơn", "site"),
    ("que-vo", "Thị ủy Quế Võ", "downlink"), ("thuan-thanh", "Thị ủy Thuận Thành", "site"),
    ("gia-binh", "Huyện ủy Gia Bình", "downlink"), ("luong-tai", "Huyện ủy Lương Tài", "site"),
    ("tien-du", "Huyện ủy Tiên Du", "site"), ("yen-phong", "Huyện ủy Yên Phong", "site"),
    ("khoi-ccq-dn", "Đảng ủy Khối các cơ quan và doanh nghiệp", "site"),
    ("cong-an", "Đảng ủy Công an tỉnh", "site"), ("quan-su", "Đảng ủy Quân sự tỉnh", "site"),
]
INSIDE = {
    "trung-uong": [(0, "hoi-truong", "Hội trường Trung ương", "site"), (0, "hai-duong", "Tỉnh ủy Hải Dương", "downlink"),
                   (1, "chi-linh", "Thành ủy Chí Linh", "site")],
    "gia-binh": [(0, "phong-hop", "Phòng họp huyện", "site"), (0, "dai-bai", "Xã Đại Bái", "site"),
                 (0, "nhan-thang", "Thị trấn Nhân Thắng", "site")],
    "que-vo": [(0, "phong-hop", "Phòng họp thị xã", "site"), (0, "pho-moi", "Phường Phố Mới", "site")],
}
DRAWINGS = {
    "1x1": "*", "1x2": "* *", "2x2": "* * / * *", "3x3": " / ".join(["* * *"] * 3), "4x4": " / ".join(["* * * *"] * 4),
    "1+5": "A A * / A A * / * * *", "1+7": "A A A * / A A A * / A A A * / * * * *",
    "1+12": "* * * * / * A A * / * A A * / * * * *", "2+8": "A A B B / A A B B / * * * * / * * * *",
    "3+4": "A A B B / A A B B / C C * * / C C * *", "side-by-side": "A B", "speaker": "speaker", "lecture": "speaker",
    "presenter": "slides slides slides speaker / slides slides slides * / slides slides slides * / * * * *",
}
WIDTH, HEIGHT = 1280, 720


def cells_of(drawing):
    """The cells of a drawing in fractions, in reading order of their first token."""
    rows = [row.split() for row in drawing.split("/")]
    height, width, cells, seen = len(rows), len(rows[0]), [], set()
    for y, row in enumerate(rows):
        for x, token in enumerate(row):
            if token in seen:
                continue
            places = [(x, y)]
            if token not in "*.":
                seen.add(token)
                places = [(i, j) for j, r in enumerate(rows) for i, t in enumerate(r) if t == token]
            right, bottom = max(p[0] for p in places) + 1, max(p[1] for p in places) + 1
            cells.append({"x": x / width, "y": y / height, "width": (right - x) / width,
                          "height": (bottom - y) / height, "role": token})
    return cells


def layouts():
    named = [{"name": name, "cells": cells_of(drawing)} for name, drawing in DRAWINGS.items()]
    pip = [{"x": 0, "y": 0, "width": 1, "height": 1, "role": "A"},
           {"x": 17 / 24, "y": 17 / 24, "width": 0.25, "height": 0.25, "role": "*"}]
    return [{"name": "auto", "cells": []}] + named + [{"name": "pip", "cells": pip}]


def stamp(seconds=None):
    moment = datetime.datetime.fromtimestamp(seconds or time.time(), datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Refusal(Exception):
    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


class Site:
    def __init__(self, id, name, kind):
        self.id, self.name, self.kind = id, name, kind
        self.state, self.muted, self.gain, self.enabled = "live", False, 0.0, True
        self.loss, self.frozen, self.layout, self.player = 0.0, False, None, None
        self.video = {"packets": 0, "lost": 0, "frames": 0}
        self.audio = {"packets": 0, "lost": 0, "concealed": 0}


class MockBridge:
    """The conference. `commands` is all that was asked for, in order."""

    def __init__(self, token=None, role="administrator", without=(), pace=0.1):
        self.pace = pace  # seconds from one picture of a preview to the next
        self.lock = threading.RLock()
        self.token, self.role, self.without = token, role, set(without)
        self.tokens = {}  # other tokens, with their roles
        self.commands, self.audit, self.log, self.streams = [], [], [], []
        self.subscribers = []
        self.refuse = {}  # a command's word: the reason
        self.previews = []  # of each open preview, how many pictures it has sent
        self.starved = 0  # so many previews to come get no picture
        self.rest()
        self.stopped = threading.Event()
        threading.Thread(target=self.beat, daemon=True).start()

    def rest(self):
        """As after a start."""
        with self.lock:
            self.id = f"{random.getrandbits(64):016x}"
            self.started = time.time()
            self.clear()

    def clear(self):
        """As after a start, to those who are connected already."""
        with self.lock:
            self.commands.clear()
            self.sites = [Site(*each) for each in SITES]
            self.layouts = {"room": "1+12", "return": "speaker"}
            self.pins = {"room": {}, "return": {}}
            self.captions = {"room": None, "return": None}
            self.lecturer = self.called_up = self.slides = None
            self.hub = "tinh-uy"
            self.staged, self.undo = None, []
            self.recordings = []
            self.files = [{"name": "chao-co.mp4", "seconds": 93.2}, {"name": "phim-tu-lieu.mp4", "seconds": None}]
            self.check = {"running": False, "sites": [], "at": None}
            self.quiet = False
            self.site("gia-binh").loss = 0.06
            self.site("quan-su").state = "slate"
            self.site("luong-tai").loss = 0.015
            self.publish("status", self.status())

    def site(self, id):
        for site in self.sites:
            if site.id == id:
                return site
        raise Refusal(400, f'"{id}": expected a site of this conference')

    # What is seen

    @property
    def speaker(self):
        if self.called_up:
            return self.called_up
        heard = [s.id for s in self.sites if s.state == "live" and s.enabled and not s.muted]
        return heard[int(time.time() / 7) % len(heard)] if heard and not self.quiet else None

    def level(self, site):
        if site.state == "slate" or not site.enabled or self.quiet:
            return None
        wobble = 4 * math.sin(time.time() * 9 + hash(site.id) % 7)
        return round((-18 if site.id == self.speaker else -52) + wobble, 1)

    def view(self, program, layouts=None, pins=None):
        name = (layouts or self.layouts)[program]
        known = {each["name"]: each["cells"] for each in globals()["layouts"]()}
        cells = known.get(name) or cells_of(DRAWINGS["1+12"] if name == "auto" else name)
        filled = dict((pins or self.pins)[program])
        order = [s.id for s in self.sites if s.enabled]
        if self.speaker:
            order = [self.speaker] + [id for id in order if id != self.speaker]
        for index, cell in enumerate(cells):
            if any(s.id == cell["role"] for s in self.sites):
                filled.setdefault(index, cell["role"])
        for index in sorted(range(len(cells)), key=lambda i: cells[i]["role"] == "*"):
            if index in filled or cells[index]["role"] == ".":
                continue
            rest = [id for id in order if id not in filled.values()]
            if rest:
                filled[index] = rest[0]
        return [{"x": round(c["x"] * WIDTH / 2) * 2, "y": round(c["y"] * HEIGHT / 2) * 2,
                 "width": round(c["width"] * WIDTH / 2) * 2, "height": round(c["height"] * HEIGHT / 2) * 2,
                 "site": filled.get(i), "pinned": i in (pins or self.pins)[program]} for i, c in enumerate(cells)]

    font_file = next((str(p) for p in pathlib.Path("/usr/share/fonts").rglob("DejaVuSans-Bold.ttf")), None)
    fonts = {}

    def font(self, size):
        if size not in self.fonts:
            self.fonts[size] = ImageFont.truetype(self.font_file, size) if self.font_file else ImageFont.load_default()
        return self.fonts[size]

    def paint_site(self, draw, box, id, name=True):
        x, y, w, h = box
        site = next((s for s in self.sites if s.id == id), None)
        if site is None:
            draw.rectangle((x, y, x + w - 1, y + h - 1), fill=(14, 16, 20))
            return
        hue = (sum(map(ord, id)) * 37) % 360
        back = tuple(int(60 + 45 * math.cos(math.radians(hue + turn))) for turn in (0, 120, 240))
        if site.state == "slate" or not site.enabled:
            draw.rectangle((x, y, x + w - 1, y + h - 1), fill=(28, 32, 40))
        else:
            draw.rectangle((x, y, x + w - 1, y + h - 1), fill=back)
            t = 0 if site.frozen else time.time()
            head, lean = max(3, h // 6), math.sin(t * 1.7 + hue) * w / 30
            cx, cy = x + w / 2 + lean, y + h * 0.42
            draw.ellipse((x + w / 2 - 2.2 * head, y + h * 0.64, x + w / 2 + 2.2 * head, y + h * 1.4), fill=(36, 40, 52))
            draw.ellipse((cx - head, cy - head, cx + head, cy + head), fill=(214, 178, 150))
            draw.rectangle((x, y + h - 1 - h * 0.001, x + w - 1, y + h - 1), fill=back)
        if name:
            font = self.font(max(8, min(20, h // 8)))
            text = site.name if w > 150 else site.name.split(" ủy ")[-1][:22]
            length = draw.textlength(text, font=font)
            draw.rectangle((x + 3, y + h - font.size - 8, x + 9 + length, y + h - 3), fill=(10, 12, 16))
            draw.text((x + 6, y + h - font.size - 7), text, font=font, fill=(240, 244, 248))
        if site.state == "slate":
            draw.text((x + 6, y + 6), "Không có tín hiệu", font=self.font(max(8, h // 12)), fill=(200, 206, 214))
        if id == self.speaker:
            draw.rectangle((x + 1, y + 1, x + w - 2, y + h - 2), outline=(62, 207, 122), width=max(2, h // 60))

    def picture(self, program, width=480, form="JPEG", layouts=None, pins=None, caption=None):
        with self.lock:
            image = Image.new("RGB", (width, width * HEIGHT // WIDTH))
            draw = ImageDraw.Draw(image)
            scale = width / WIDTH
            for cell in self.view(program, layouts, pins):
                box = [int(cell[key] * scale) for key in ("x", "y", "width", "height")]
                self.paint_site(draw, box, cell["site"])
            caption = caption or self.captions[program]
            if caption:
                font = self.font(max(10, width // 34))
                draw.rectangle((0, image.height - font.size * 2, width, image.height), fill=(120, 10, 16))
                draw.text((12, image.height - font.size * 1.7), caption, font=font, fill="white")
        out = io.BytesIO()
        image.save(out, form, **({"quality": 70} if form == "JPEG" else {"compress_level": 1}))
        return out.getvalue()

    def thumbnail(self, id):
        with self.lock:
            self.site(id)
            image = Image.new("RGB", (160, 90))
            self.paint_site(ImageDraw.Draw(image), (0, 0, 160, 90), id, name=False)
        out = io.BytesIO()
        image.save(out, "JPEG", quality=70)
        return out.getvalue()

    # What is said

    def beat(self):
        tick = 0
        while not self.stopped.wait(0.2):
            tick += 1
            with self.lock:
                self.publish("levels", {s.id: self.level(s) for s in self.sites if self.level(s) is not None})
                if tick % 5 == 0:
                    self.advance()
                # Oftener than the bridge does: tests wait for it.
                if tick % 2 == 0:
                    self.publish("status", self.status())
                    alarms = self.alarms()
                    if alarms != getattr(self, "last_alarms", None):
                        self.last_alarms = alarms
                        self.publish("alarms", alarms)
                if tick % 35 == 0 and self.speaker:
                    self.say("notice", self.speaker, "picture stream begins")

    def advance(self):
        for site in self.sites:
            if site.player and site.player["state"] == "playing":
                site.player["seconds"] += 1
            if site.state == "slate" or not site.enabled:
                continue
            for stream, packets in ((site.video, 200), (site.audio, 50)):
                lost = round(packets * site.loss)
                stream["lost"] += lost
                stream["packets"] += packets - lost
            site.video["frames"] += 0 if site.frozen else 30
            site.audio["concealed"] += round(1000 * site.loss * 0.6)

    def say(self, level, site, text, who=None):
        entry = {"time": stamp(), "level": level, "site": site, "text": text, "who": who}
        with self.lock:
            self.log = (self.log + [entry])[-50:]
            self.publish("log", entry)

    def publish(self, event, data):
        for subscriber in self.subscribers:
            subscriber.put((event, data))

    def alarms(self):
        found = []
        for site in self.sites:
            def alarm(kind, severity, vi, en):
                found.append({"id": f"{kind}/{site.id}", "site": site.id, "kind": kind, "severity": severity,
                              "since": stamp(self.started), "vi": vi, "en": en})
            if site.player:
                continue
            if site.state == "slate":
                alarm("signal", "critical", f"{site.name}: không có tín hiệu", f"{site.name}: no signal")
            elif site.loss >= 0.05:
                alarm("loss", "warning", f"{site.name}: mất gói 6 %", f"{site.name}: 6 % of packets lost")
        return found

    def status(self):
        with self.lock:
            room = self.view("room")
            return {
                "uptime_seconds": round(time.time() - self.started, 3),
                "sites": [self.site_status(site, room) for site in self.sites],
                "programs": [self.program_status(id) for id in self.layouts],
                "encode_groups": [], "audio": {"ticks": 0, "late_ticks": 0, "tick_us_mean": 210.0, "tick_us_max": 600.0,
                                               "encodes": 2},
            }

    def program_status(self, id):
        return {"id": id, "layout": self.layouts[id], "frames": int(30 * (time.time() - self.started)),
                "late_ticks": 0, "dropped_ticks": 0, "compose_ms": 3.1, "cells": self.view(id),
                "speaker": self.speaker, "lecturer": self.lecturer, "width": WIDTH, "height": HEIGHT,
                "caption": self.captions[id], "called_up": self.called_up, "slides": self.slides}

    def site_status(self, site, room):
        live = site.state != "slate" and site.enabled
        status = {
            "id": site.id, "name": site.name, "label": site.name, "kind": site.kind, "state": site.state,
            "program": "return" if site.kind == "uplink" else "room", "speaking": site.id == self.speaker,
            "muted": site.muted, "dropped": {}, "gain_db": site.gain, "enabled": site.enabled,
            "video_in": {"codec": "H264", "width": 1280, "height": 720, "fps": 30.0 if live and not site.frozen else 0.0,
                         "bitrate_bps": 1480000 if live else 0, "packets": site.video["packets"], "bytes": 0,
                         "lost": site.video["lost"], "late": 0, "duplicate": 0, "reordered": 0, "jitter_ms": 3.2,
                         "access_units": 0, "frames_decoded": site.video["frames"], "frames_dropped": 0,
                         "decode_errors": 0, "keyframe_requests_sent": 0, "nacks_sent": 0, "repaired": 0,
                         "fec_recovered": 0},
            "audio_in": {"codec": "opus", "packets": site.audio["packets"], "bytes": 0, "lost": site.audio["lost"],
                         "late": 0, "jitter_ms": 2.1, "concealed_ms": site.audio["concealed"], "delay_ms": 42.0,
                         "recovered": 0, "target_ms": 40.0, "concealed_share": 0.0, "inserted_ms": 0, "removed_ms": 0,
                         "drift_ppm": 4},
            "video_out": {"codec": "H264", "width": 1280, "height": 720, "fps": 30.0, "bitrate_bps": 1510000,
                          "frames": 0, "packets": 0, "bytes": 0, "keyframes": 0, "failed": 0, "group": "room-1",
                          "rung": 0, "rung_moves": 0, "estimate_bps": 4000000, "nacked": 0, "repaired": 0,
                          "keyframe_requests_refused": 0, "fec_sent": 0, "longest_wait_ms": 2.0},
            "audio_out": {"packets": 0, "bytes": 0, "bitrate_bps": 48000, "shared": True},
            "rtt_ms": 12.0, "lip_sync_ms": 8.0, "lip_sync": "in-sync",
        }
        for index, cell in enumerate(room):
            if cell["site"] == site.id:
                status["cell"] = index
        if self.level(site) is not None:
            status["level_dbov"] = self.level(site)
        if site.kind != "site":
            status["link"] = {"state": "bridge", "peer": "9f2c", "path": ["9f2c"], "feed": site.id}
        if site.player:
            status["player"] = dict(site.player)
        if site.id in INSIDE:
            status["inside"] = [{"depth": d, "id": id, "name": name, "kind": kind, "speaking": False, "picture": True,
                                 "muted": False} for d, id, name, kind in INSIDE[site.id]]
        return status

    def roll_call(self):
        rows = []
        for site in self.sites:
            slate = site.state == "slate"
            row = {"depth": 0, "path": site.id, "name": site.name, "kind": site.kind,
                   "state": "no signal" if slate else site.state, "speaking": site.id == self.speaker,
                   "muted": site.muted, "present_seconds": 0 if slate else round(time.time() - self.started + 1800)}
            if slate:
                row["lost"] = stamp(self.started - 95)
            row["joined"] = stamp(self.started - 1800)
            rows.append(row)
            ids = [site.id]
            for depth, id, name, kind in INSIDE.get(site.id, []):
                ids = ids[:depth + 1] + [id]
                rows.append({"depth": depth + 1, "path": "/".join(ids), "name": name, "kind": kind, "state": "live",
                             "speaking": False, "muted": False})
        return {"rows": rows, "omitted": 2}

    def session(self, role):
        return {"role": role, "bridge": self.id, "version": "1.0",
                "conference": "Giao ban tháng 11", "programs": list(self.layouts),
                "presets": [{"id": "giao-ban", "name": "Giao ban"}, {"id": "hoc-nghi-quyet", "name": "Học nghị quyết"},
                            {"id": "chao-co", "name": "Chào cờ"}],
                "layouts": layouts()}

    # What is done

    ROOM = {"layout", "pin", "unpin", "caption", "lecturer", "call-up", "slides", "preset", "site-layout"}

    def kept(self):
        return (dict(self.layouts), {k: dict(v) for k, v in self.pins.items()}, dict(self.captions), self.lecturer,
                self.called_up, self.slides)

    def restore(self, kept):
        (self.layouts, self.pins, self.captions, self.lecturer, self.called_up, self.slides) = kept

    def obey(self, commands, who):
        with self.lock:
            self.commands += commands
            before = self.kept()
            try:
                details = [self.one(command) for command in commands]
            except Refusal as refusal:
                self.restore(before)
                self.audit.append((stamp(), who, commands, str(refusal), "refused"))
                raise
            if any(c["command"] in self.ROOM for c in commands):
                self.undo.append(before)
            self.audit.append((stamp(), who, commands, "; ".join(details), "ok"))
            self.say("notice", None, "; ".join(details), who)
            self.publish("status", self.status())
            return {"ok": True, "detail": "; ".join(details)}

    def one(self, c):
        verb = c.get("command")
        if verb in self.refuse:
            raise Refusal(409, self.refuse[verb])
        site = self.site(c["site"]) if c.get("site") and verb != "add" else None
        program = c.get("program", "room")
        if program not in self.layouts:
            raise Refusal(400, f'"{program}": expected a program of this conference')
        if verb == "layout":
            known = {each["name"] for each in layouts()}
            if c["layout"] not in known and " " not in c["layout"]:
                raise Refusal(400, f'unknown layout "{c["layout"]}"')
            self.layouts[program] = c["layout"]
            self.pins[program] = {}
        elif verb in ("mute", "unmute"):
            site.muted = verb == "mute"
        elif verb == "gain":
            site.gain = float(c["gain_db"])
        elif verb == "lecturer":
            self.lecturer = c["site"]
        elif verb == "call-up":
            self.called_up = c["site"]
        elif verb == "slides":
            self.slides = c["site"]
        elif verb == "hub":
            self.hub = c["site"]
        elif verb in ("enable", "disable"):
            site.enabled = verb == "enable"
        elif verb == "pin":
            pins = self.pins[program]
            for index in [i for i, id in pins.items() if id == c["site"]]:
                del pins[index]
            pins[int(c["cell"])] = c["site"]
        elif verb == "unpin":
            self.pins[program].pop(int(c["cell"]), None)
        elif verb == "caption":
            self.captions[program] = c["text"]
        elif verb == "record":
            if c["action"] == "start":
                self.recordings.append({"program": program, "file": f"{program}-{time.strftime('%H%M%S')}.mkv",
                                        "began": time.time(), "state": "recording", "reason": None})
            else:
                for each in self.recordings:
                    if each["program"] == program and each["state"] == "recording":
                        each.update(state="done", ended=time.time())
        elif verb == "play":
            file = next((each for each in self.files if each["name"] == c["file"]), None)
            if file is None:
                raise Refusal(400, f'{c["file"]}: expected a file of --play-dir')
            if not any(s.id == "player" for s in self.sites):
                self.sites.append(Site("player", "Phát tệp", "site"))
            self.site("player").state = "live"
            self.site("player").player = {"file": file["name"], "state": "playing", "seconds": 0.0,
                                          "duration": file["seconds"], "reason": None}
        elif verb == "stop-play":
            self.sites = [site for site in self.sites if site.id != "player"]
        elif verb == "preset":
            self.layouts["room"] = {"giao-ban": "1+12", "hoc-nghi-quyet": "speaker"}.get(c["preset"], "1x1")
        elif verb == "add":
            words = {key: quoted or plain for key, quoted, plain in
                     re.findall(r'([a-z0-9-]+)=(?:"((?:[^"\\]|\\.)*)"|([^,]*))(?:,|$)', c["spec"])}
            if any(s.id == words["id"] for s in self.sites):
                raise Refusal(400, f'id={words["id"]}: expected an id that no other site has')
            self.sites.append(Site(words["id"], words.get("name", words["id"]), "site"))
        elif verb == "remove":
            self.sites.remove(site)
        elif verb not in ("keyframe", "site-layout"):
            raise Refusal(400, f"{verb}: expected a command")
        return self.sentence(c, verb, program)

    def sentence(self, c, verb, program):
        """What was done, as the bridge says it."""
        id = c.get("site")
        return {
            "layout": f"{program} has the layout {c.get('layout')}", "mute": f"{id} is muted",
            "unmute": f"{id} is heard again", "gain": f"{id} has a gain of {c.get('gain_db')} dB",
            "lecturer": f"{id} has the lecture" if id else "nobody has the lecture",
            "call-up": f"{id} is called up" if id else "nobody is called up: who speaks is shown",
            "pin": f"{id} stands in cell {c.get('cell')} of {program}",
            "keyframe": f"{id} is sent a keyframe, and asked for one",
        }.get(verb) or " ".join(str(value) for value in c.values() if value is not None)

    def staged_picture(self, program):
        with self.lock:
            now = self.kept()
            try:
                for command in (self.staged or []):
                    self.one(command)
                return self.picture(program, WIDTH, "PNG")
            finally:
                self.restore(now)

    def take(self, who):
        with self.lock:
            if not self.staged:
                raise Refusal(409, "nothing is staged")
            commands, self.staged = self.staged, None
            return self.obey(commands, who)

    def undo_last(self):
        with self.lock:
            if not self.undo:
                raise Refusal(409, "there is nothing to undo")
            self.restore(self.undo.pop())
            self.publish("status", self.status())
            return {"ok": True, "detail": "undone"}

    def line_check(self):
        def run():
            time.sleep(0.3)
            with self.lock:
                sites = []
                for s in self.sites:
                    verdict, vi, en = "good", ["Đường truyền tốt"], ["The line is good"]
                    if s.state == "slate":
                        verdict, vi, en = "bad", ["Không có gói nào tới"], ["No packet comes"]
                    elif s.loss > 0.05:
                        verdict, vi, en = "bad", ["Mất gói 6 %", "Hình đứng 2 s"], ["6 % lost", "The picture stood 2 s"]
                    elif s.loss:
                        verdict, vi, en = "warning", ["Mất gói 1,5 %"], ["1.5 % lost"]
                    sites.append({"site": s.id, "verdict": verdict, "vi": vi, "en": en})
                self.check = {"running": False, "sites": sites, "at": stamp()}
        self.check["running"] = True
        threading.Thread(target=run, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bridge: MockBridge
    who, role = "loopback", "administrator"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, type="application/json"):
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
        self.send_response(status)
        for key, value in (("Content-Type", type), ("Content-Length", len(body)), ("Cache-Control", "no-store"),
                           ("Content-Security-Policy", POLICY), ("X-Content-Type-Options", "nosniff")):
            self.send_header(key, str(value))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.serve("GET")

    def do_POST(self):
        self.serve("POST")

    def do_DELETE(self):
        self.serve("DELETE")

    def serve(self, method):
        try:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            url = urllib.parse.urlsplit(self.path)
            path = url.path.lstrip("/")
            if method == "GET" and not path.startswith(("v1/", "stats")):
                return self.static(path or "index.html")
            self.authorize()
            if any(path.startswith(prefix) for prefix in self.bridge.without):
                raise Refusal(404, "there is no such thing here")
            self.route(method, path, urllib.parse.parse_qs(url.query), body)
        except Refusal as refusal:
            self.answer({"error": str(refusal)}, refusal.status)
        except (BrokenPipeError, ConnectionResetError, ConnectionAbortedError, socket.timeout):
            self.close_connection = True

    def authorize(self):
        bridge = self.bridge
        self.role, self.who = bridge.role, "loopback"
        if bridge.token or bridge.tokens:
            given = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            if given in bridge.tokens:
                self.role, self.who = bridge.tokens[given], bridge.tokens[given]
            elif not given or given != bridge.token:
                raise Refusal(401, "expected Authorization: Bearer TOKEN")

    def static(self, path):
        file = (PAGE / path).resolve()
        if PAGE not in file.parents or not file.is_file():
            raise Refusal(404, "there is no such thing here")
        self.answer(file.read_bytes(), type=TYPES[file.suffix])

    def route(self, method, path, query, body):
        bridge = self.bridge
        match method, path.split("/"):
            case "GET", ["v1", "session"]: self.answer(bridge.session(self.role))
            case "GET", ["stats"]: self.answer(bridge.status())
            case "GET", ["v1", "roll-call"]: self.answer(bridge.roll_call())
            case "GET", ["v1", "events"]: self.events()
            case "GET", ["v1", "programs", id, "preview"]: self.preview(id)
            case "GET", ["v1", "programs", id, "picture.png"]:
                self.answer(bridge.staged_picture(id) if "staged" in query else bridge.picture(id, WIDTH, "PNG"),
                            type="image/png")
            case "GET", ["v1", "sites", id, "thumbnail.jpg"]:
                time.sleep(bridge.pace / 2)
                self.answer(bridge.thumbnail(id), type="image/jpeg")
            case "GET", ["v1", "files"]:
                self.answer({"files": bridge.files})
            case "GET", ["v1", "recordings"]:
                self.answer({"recordings": [{
                    **{k: r[k] for k in ("program", "file", "state", "reason")},
                    "seconds": round(r.get("ended", time.time()) - r["began"], 1),
                    "bytes": int(190000 * (r.get("ended", time.time()) - r["began"]))} for r in bridge.recordings]})
            case "GET", ["v1", "staged"]: self.answer({"commands": bridge.staged} if bridge.staged else None)
            case "GET", ["v1", "line-check"]: self.answer(bridge.check)
            case "GET", ["v1", "attendance.csv"]: self.answer("\ufeffđường dẫn,điểm cầu\r\n".encode(), type="text/csv")
            case "GET", ["v1", "line-check.csv"]: self.answer(b"site,verdict\r\n", type="text/csv")
            case "GET", ["v1", "line-check.html"]: self.answer(b"<!doctype html><title>x</title>", type="text/html")
            case "GET", ["v1", "audit"]:
                if self.role != "administrator":
                    raise Refusal(403, "expected an administrator")
                self.answer({"entries": [
                    {"time": t, "who": who, "role": self.role, "from": "127.0.0.1",
                     "action": ", ".join(c["command"] for c in commands), "detail": detail, "result": result}
                    for t, who, commands, detail, result in bridge.audit[-int(query.get("count", ["200"])[0]):]]})
            case ("POST" | "DELETE"), _: self.change(method, path, body)
            case _: raise Refusal(404, "there is no such thing here")

    def change(self, method, path, body):
        bridge = self.bridge
        if self.role == "viewer":
            raise Refusal(403, "expected an operator")
        if method == "DELETE" and path == "v1/staged":
            bridge.staged = None
            return self.answer({"ok": True, "detail": "nothing is staged"})
        if not (self.headers.get("Content-Type") or "").startswith("application/json"):
            raise Refusal(415, "Content-Type: expected application/json")
        value = json.loads(body or b"{}")
        match path:
            case "v1/commands":
                self.answer(bridge.obey(value.get("commands") or [value], self.who))
            case "v1/staged":
                bridge.staged = value["commands"] or None
                self.answer({"ok": True, "detail": f"{len(value['commands'])} staged"})
            case "v1/take": self.answer(bridge.take(self.who))
            case "v1/undo": self.answer(bridge.undo_last())
            case "v1/line-check":
                bridge.line_check()
                self.answer({"ok": True, "detail": "the line check runs"})
            case _: raise Refusal(404, "there is no such thing here")

    def stream(self, type):
        self.send_response(200)
        for key, value in (("Content-Type", type), ("Cache-Control", "no-store"), ("Connection", "close")):
            self.send_header(key, value)
        self.end_headers()
        self.close_connection = True

    def events(self):
        self.stream("text/event-stream")
        inbox = queue.Queue()
        bridge, life = self.bridge, self.bridge.id
        with bridge.lock:
            bridge.subscribers.append(inbox)
            inbox.put(("status", bridge.status()))
            inbox.put(("alarms", bridge.alarms()))
            for entry in bridge.log:
                inbox.put(("log", entry))
        try:
            while bridge.id == life:
                event, data = inbox.get(timeout=5)
                self.wfile.write(f"event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode())
                self.wfile.flush()
        except queue.Empty:
            pass
        finally:
            bridge.subscribers.remove(inbox)

    def preview(self, program):
        bridge = self.bridge
        if program not in bridge.layouts:
            raise Refusal(404, "no such program")
        self.stream("multipart/x-mixed-replace; boundary=frame")
        life, count = bridge.id, [0]
        with bridge.lock:
            starved, bridge.starved = bridge.starved > 0, max(0, bridge.starved - 1)
            bridge.previews.append(count)
        try:
            while bridge.id == life:
                if not starved:
                    jpeg = bridge.picture(program)
                    self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(jpeg))
                    self.wfile.write(jpeg + b"\r\n")
                    count[0] += 1
                time.sleep(bridge.pace)
        finally:
            with bridge.lock:
                # This very one: another may have sent as many.
                bridge.previews = [each for each in bridge.previews if each is not count]


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A browser that goes away is none."""


class Server:
    """The HTTP side, which can go away and come back."""

    def __init__(self, bridge, port=0):
        self.bridge, self.port = bridge, port
        self.start()

    def start(self):
        handler = type("BoundHandler", (Handler,), {"bridge": self.bridge})
        self.http = QuietServer(("127.0.0.1", self.port), handler)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()

    def restart(self, seconds=2.0):
        """Away for so long, then back as another run of the bridge."""
        self.stop()
        self.bridge.rest()
        time.sleep(seconds)
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--token")
    parser.add_argument("--role", default="administrator")
    parser.add_argument("--without", default="")
    options = parser.parse_args()
    bridge = MockBridge(options.token, options.role, [w for w in options.without.split(",") if w])
    print(Server(bridge, options.port).url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
