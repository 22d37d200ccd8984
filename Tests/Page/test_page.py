#!/usr/bin/env python3
"""What an operator would notice of the page, in a browser.

    test_page.py [--bridge URL [--token T] [--page-of-folder]] [--browser /usr/bin/chromium] [--only WORD] [--pictures FOLDER]

Without --bridge it runs all tests against the mock bridge beside it; with the URL of a running bridge, those that need no
mock: they change that bridge's layout, mutes and gains, and put them back. Needs playwright, and Pillow for the mock;
`scripts/test-page` brings both.
"""
import argparse
import contextlib
import json
import pathlib
import re
import sys
import time
import traceback
import urllib.parse

from playwright.sync_api import expect, sync_playwright

WAIT = 10_000


class Desk:
    """A page in the browser, and what it did wrong. One page serves many tests: each test's bridge has a port, so an origin
    and a memory of its own, and opening a page anew costs more than most tests."""

    def __init__(self, browser, token=None):
        # Meters that glide take more of the machine than all tests.
        self.context = browser.new_context(accept_downloads=True, reduced_motion="reduce")
        if token:
            self.context.add_init_script(f"sessionStorage.setItem('token', {json.dumps(token)});")
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.complaints.append(str(e)))
        self.page.on("request", self.requested)
        self.begin("")

    def begin(self, url):
        self.url, self.may_complain = url, False
        self.complaints, self.strangers, self.sent = [], [], []
        self.page.set_viewport_size({"width": 1366, "height": 768})
        return self

    def end(self):
        for other in self.context.pages:
            if other != self.page:
                other.close()
        # Its streams end with it.
        self.page.goto("about:blank")

    def requested(self, request):
        if urllib.parse.urlsplit(request.url).netloc != urllib.parse.urlsplit(self.url).netloc and not (
                request.url.startswith(("blob:", "about:"))):
            self.strangers.append(request.url)
        if request.method != "GET":
            self.sent.append((request.method, urllib.parse.urlsplit(request.url).path, request.post_data))

    def open(self):
        if self.page.url != self.url:
            self.page.goto(self.url)
        return self

    def ready(self):
        self.page.wait_for_selector("#connection[data-state=on]", timeout=WAIT)
        self.page.wait_for_selector(".card", timeout=WAIT)
        return self

    def card(self, id):
        return self.page.locator(f".card[data-site='{id}']")

    def cell(self, index, of="live"):
        return self.page.locator(f"#{of}-cells .cell[data-cell='{index}']")

    def commands(self, path="/v1/commands"):
        return [json.loads(body) for _, sent, body in self.sent if sent.endswith(path)]

    def saw(self, command, path="/v1/commands"):
        """Waits until the page has sent the command."""
        until(lambda: command in self.commands(path), f"{command} in {self.commands(path)}")


def until(condition, what, seconds=WAIT / 1000):
    """Polls with the browser's events let through."""
    end = time.time() + seconds
    while time.time() < end:
        if condition():
            return
        Desk.current.page.wait_for_timeout(50)
    raise AssertionError(f"not within {seconds} s: {what() if callable(what) else what}")


def tidy(test):
    """A test that leaves nothing on the page: the next such one goes on with it, and with the bridge."""
    test.is_tidy = True
    return test


# Against any bridge

@tidy
def test_every_site_has_a_card(desk, bridge):
    desk.open().ready()
    names = [site["name"] for site in stats(desk)["sites"]]
    expect(desk.page.locator(".card")).to_have_count(len(names))
    assert desk.page.locator(".card-name").all_inner_texts() == names
    for words in desk.page.locator(".card-health").all_inner_texts():
        assert words.strip(), "a card says nothing of its health"


@tidy
def test_the_preview_moves(desk, bridge):
    desk.open().ready()
    if bridge.lacks(desk, "v1/programs/room/preview"):
        return "no preview here"
    live = desk.page.locator("#live")
    # A bridge sends no picture twice: one whose sites are silent shows a single one.
    least = 3 if bridge.mock else 1
    until(lambda: int(live.get_attribute("data-pictures") or 0) >= least, f"{least} pictures on the stage")
    dark = desk.page.evaluate(
        "() => { const c = document.getElementById('live'); const d = c.getContext('2d').getImageData(0, 0, c.width,"
        " c.height).data; let s = 0; for (let i = 0; i < d.length; i += 400) s += d[i] + d[i + 1] + d[i + 2]; return s }")
    assert dark > 0, "the stage is black"
    expect(desk.page.locator("#live-cells .cell").first).to_be_visible()


def stats(desk):
    return desk.page.evaluate(
        "async () => (await fetch('stats', {headers: sessionStorage.token ? "
        "{Authorization: 'Bearer ' + sessionStorage.token} : {}})).json()")


@tidy
def test_layout_button_changes_the_layout(desk, bridge):
    desk.open().ready()
    chosen = desk.page.locator("#layouts [aria-pressed=true]")
    before = chosen.get_attribute("data-layout") if chosen.count() else None
    if before == "2x2":
        desk.page.locator("#layouts [data-layout='1x2']").click()
        expect(desk.page.locator("#live-cells .cell")).to_have_count(2, timeout=WAIT)
    desk.page.locator("#layouts [data-layout='2x2']").click()
    desk.saw({"command": "layout", "layout": "2x2", "program": "room"})
    expect(desk.page.locator("#live-cells .cell")).to_have_count(4, timeout=WAIT)
    expect(desk.page.locator("#layouts [data-layout='2x2']")).to_have_attribute("aria-pressed", "true")
    assert stats(desk)["programs"][0]["layout"] == "2x2"
    if before and before != "2x2":
        desk.page.locator(f"#layouts [data-layout='{before}']").click()
        desk.saw({"command": "layout", "layout": before, "program": "room"})
        expect(desk.page.locator("#live-layout")).not_to_have_text("2x2")


@tidy
def test_mute_by_button_and_key(desk, bridge):
    desk.open().ready()
    id = desk.page.locator(".card").nth(1).get_attribute("data-site")
    card = desk.card(id)
    card.locator(".act-mute").click()
    desk.saw({"command": "mute", "site": id})
    expect(card.locator(".card-muted")).to_have_text("Đã tắt tiếng")
    assert [site["id"] for site in stats(desk)["sites"] if site["muted"]] == [id]
    expect(desk.page.locator("#panel-log li").first).to_contain_text("đã tắt tiếng " + card.locator(".card-name").inner_text(),
                                                                     timeout=WAIT)
    card.focus()
    desk.page.keyboard.press("m")
    desk.saw({"command": "unmute", "site": id})
    expect(card.locator(".card-muted")).to_be_hidden()


@tidy
def test_gain_by_key(desk, bridge):
    desk.open().ready()
    id = desk.page.locator(".card").nth(1).get_attribute("data-site")
    desk.card(id).focus()
    desk.page.keyboard.press("[")
    expect(desk.card(id).locator(".act-gain .word")).to_have_text("-1 dB")
    desk.saw({"command": "gain", "site": id, "gain_db": -1})
    desk.page.keyboard.press("]")
    desk.saw({"command": "gain", "site": id, "gain_db": 0})
    expect(desk.card(id).locator(".act-gain .word")).to_have_text("0 dB")


@tidy
def test_arrows_move_among_cards(desk, bridge):
    desk.open().ready()
    desk.page.keyboard.press("s")
    focused = "() => document.activeElement.dataset.site"
    first = desk.page.evaluate(focused)
    assert first == desk.page.locator(".card").first.get_attribute("data-site"), first
    desk.page.keyboard.press("ArrowRight")
    assert desk.page.evaluate(focused) == desk.page.locator(".card").nth(1).get_attribute("data-site")
    desk.page.keyboard.press("ArrowDown")
    assert desk.page.evaluate(focused) not in (None, first)
    assert desk.page.locator(".card[tabindex='0']").count() == 1, "Tab must stop at one card"
    outline = desk.page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", f"focus is not seen: {outline}"
    desk.page.keyboard.press("Escape")


@tidy
def test_the_keys_are_explained(desk, bridge):
    desk.open().ready()
    desk.page.keyboard.press("?")
    expect(desk.page.locator("dialog")).to_contain_text("Phím tắt")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("dialog")).to_have_count(0)


@tidy
def test_small_screens_have_no_sideways_scroll(desk, bridge):
    desk.open().ready()
    for width, height in ((1920, 1080), (1366, 768), (1280, 720), (1024, 768)):
        desk.page.set_viewport_size({"width": width, "height": height})
        out = desk.page.evaluate(
            "() => [...document.querySelectorAll('.card')].filter((c) => [...c.querySelectorAll('button')].some((b) => "
            "b.getBoundingClientRect().right > c.getBoundingClientRect().right)).map((c) => c.dataset.site)")
        assert out == [], f"buttons stand out of their cards at {width}: {out}"
        over = desk.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{over} px too wide at {width}"


@tidy
def test_everything_has_words(desk, bridge):
    """A button without words or a label is nothing to a screen reader; the other language has the same keys."""
    desk.open().ready()
    for _ in range(2):
        mute = desk.page.evaluate(
            "() => [...document.querySelectorAll('button, [role=button], input')].filter((e) => e.offsetParent && "
            "!e.getAttribute('aria-hidden') && !(e.getAttribute('aria-label') || e.textContent.trim() || "
            "e.labels?.length)).map((e) => e.outerHTML)")
        assert mute == [], mute
        assert "undefined" not in desk.page.locator("body").inner_text()
        desk.page.click("#language")
    keys = desk.page.evaluate(
        "async () => { const flat = (o, p = '') => Object.entries(o).flatMap(([k, v]) => v && typeof v === 'object' && "
        "!Array.isArray(v) ? flat(v, p + k + '.') : [p + k]); const [vi, en] = await Promise.all([import('/vi.js'), "
        "import('/en.js')]); return [flat(vi.default).sort(), flat(en.default).sort()] }")
    assert keys[0] == keys[1], set(keys[0]) ^ set(keys[1])


def test_the_language_is_remembered(desk, bridge):
    desk.open().ready()
    expect(desk.page.locator("html")).to_have_attribute("lang", "vi")
    expect(desk.page.locator("#mode-now")).to_have_text("Làm ngay")
    desk.page.click("#language")
    expect(desk.page.locator("#mode-now")).to_have_text("At once")
    expect(desk.page.locator(".card-state").first).not_to_have_text("Có hình")
    desk.page.reload()
    desk.ready()
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    expect(desk.page.locator("#mode-now")).to_have_text("At once")


def test_large_type_is_remembered(desk, bridge):
    desk.open().ready()
    size = "() => parseFloat(getComputedStyle(document.querySelector('.card-name')).fontSize)"
    before = desk.page.evaluate(size)
    desk.page.keyboard.press("f")
    assert desk.page.evaluate(size) > 1.2 * before
    desk.page.reload()
    desk.ready()
    assert desk.page.evaluate(size) > 1.2 * before


def test_the_policy_holds(desk, bridge):
    response = desk.page.goto(desk.url)
    policy = response.headers.get("content-security-policy", "")
    for part in ("default-src 'self'", "img-src 'self' blob:", "frame-ancestors 'none'"):
        assert part in policy, policy
    assert "unsafe" not in policy
    html = response.text()
    assert "style=" not in html and not re.search(r"\son\w+=", html) and not re.search(r"<script(?![^>]*src=)", html)
    desk.ready()


# Against the mock

def test_mock_every_file_is_in_the_bridge(desk, bridge):
    """The bridge serves those that its list has, and no others."""
    root = pathlib.Path(__file__).resolve().parents[2] / "Sources" / "mcu-server"
    listed = re.findall(r'PageFile\("([^"]+)"', (root / "HTTP" / "PageFile.swift").read_text())
    assert sorted(listed) == sorted(file.name for file in (root / "Page").iterdir()), listed


@tidy
def test_mock_levels_and_speaking_light(desk, bridge):
    bridge.mock.called_up = "tien-du"
    desk.open().ready()
    card = desk.card("tien-du")
    expect(card.locator(".card-light")).to_have_text("đang nói", timeout=WAIT)
    level = "(e) => new DOMMatrix(getComputedStyle(e).transform).a"
    until(lambda: card.locator(".meter-bar").evaluate(level) > 0.4, "a level that is heard")
    assert desk.card("quan-su").locator(".meter-bar").evaluate(level) < 0.02


@tidy
def test_mock_caption_and_presets(desk, bridge):
    desk.open().ready()
    desk.page.fill("#caption", "Nghỉ giải lao 10 phút")
    desk.page.keyboard.press("Enter")
    desk.saw({"command": "caption", "program": "room", "text": "Nghỉ giải lao 10 phút"})
    desk.page.click("#caption-clear")
    desk.saw({"command": "caption", "program": "room", "text": None})
    desk.page.get_by_role("button", name="Chào cờ").click()
    desk.saw({"command": "preset", "preset": "chao-co"})


@tidy
def test_mock_links_show_who_is_inside(desk, bridge):
    desk.open().ready()
    desk.card("gia-binh").locator(".inside-count").click()
    expect(desk.card("gia-binh").locator(".card-inside")).to_contain_text("Thị trấn Nhân Thắng")


@tidy
def test_mock_drag_a_site_into_a_cell(desk, bridge):
    desk.open().ready()
    desk.card("cong-an").drag_to(desk.cell(2))
    desk.saw({"command": "pin", "site": "cong-an", "program": "room", "cell": 2})
    until(lambda: bridge.mock.pins["room"].get(2) == "cong-an", "the pin")
    expect(desk.cell(2)).to_have_attribute("aria-label", re.compile("Ô 3: Đảng ủy Công an tỉnh"))
    desk.cell(2).hover()
    desk.cell(2).locator(".unpin").click()
    desk.saw({"command": "unpin", "program": "room", "cell": 2})


@tidy
def test_mock_pin_by_keyboard(desk, bridge):
    desk.open().ready()
    desk.page.keyboard.press("s")
    for _ in range(3):
        desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("5")
    desk.saw({"command": "pin", "site": "tu-son", "program": "room", "cell": 4})
    # 1 then 2 is cell 12 where there are 13.
    desk.page.keyboard.press("1")
    desk.page.keyboard.press("2")
    desk.saw({"command": "pin", "site": "tu-son", "program": "room", "cell": 11})
    # 1 alone waits a moment for a second digit.
    desk.page.keyboard.press("1")
    desk.saw({"command": "pin", "site": "tu-son", "program": "room", "cell": 0})
    desk.page.keyboard.press("o")
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("Enter")
    desk.saw({"command": "pin", "site": "tu-son", "program": "room", "cell": 1})
    desk.page.keyboard.press("Delete")
    desk.saw({"command": "unpin", "program": "room", "cell": 1})


@tidy
def test_mock_pin_without_dragging(desk, bridge):
    desk.open().ready()
    desk.card("que-vo").locator(".act-more").click()
    desk.page.get_by_text("Ghim vào ô…").click()
    desk.page.locator(".place").nth(6).click()
    desk.saw({"command": "pin", "site": "que-vo", "program": "room", "cell": 6})


@tidy
def test_mock_buttons_send_their_commands(desk, bridge):
    desk.open().ready()
    card = desk.card("yen-phong")
    card.locator(".act-call").click()
    desk.saw({"command": "call-up", "site": "yen-phong"})
    expect(card.locator(".act-call")).to_have_attribute("aria-pressed", "true")
    card.locator(".act-call").click()
    desk.saw({"command": "call-up", "site": None})
    card.locator(".act-lecture").click()
    desk.saw({"command": "lecturer", "site": "yen-phong"})
    expect(card.locator(".act-lecture")).to_have_attribute("aria-pressed", "true")
    card.locator(".act-refresh").click()
    desk.saw({"command": "keyframe", "site": "yen-phong"})
    expect(desk.page.locator(".notice-good")).to_contain_text("Đã gửi hình mới cho Huyện ủy Yên Phong")
    card.locator(".act-off").click()
    desk.page.get_by_role("button", name="Thôi", exact=True).click()
    assert {"command": "disable", "site": "yen-phong"} not in desk.commands(), "it asks first"
    card.locator(".act-off").click()
    desk.page.get_by_role("button", name="Đồng ý").click()
    desk.saw({"command": "disable", "site": "yen-phong"})
    expect(card.locator(".card-state")).to_have_text("Đã ngắt")
    card.locator(".act-off").click()
    desk.saw({"command": "enable", "site": "yen-phong"})


@tidy
def test_mock_menu_of_a_site(desk, bridge):
    desk.open().ready()
    for words, command in (("Lấy làm trang chiếu", {"command": "slides", "site": "tu-son"}),
                           ("Đặt làm điểm chính", {"command": "hub", "site": "tu-son"})):
        desk.card("tu-son").locator(".act-more").click()
        desk.page.get_by_text(words).click()
        desk.saw(command)
    desk.card("tu-son").locator(".act-more").click()
    desk.page.get_by_text("Bố cục riêng…").click()
    desk.page.locator("dialog .layout", has_text="1+7").click()
    desk.saw({"command": "site-layout", "site": "tu-son", "layout": "1+7"})


def test_mock_health_in_words(desk, bridge):
    bridge.mock.site("gia-binh").loss = 0.06
    desk.open().ready()
    words = desk.card("gia-binh").locator(".card-health")
    expect(words).to_contain_text("Mất gói 6 %", timeout=WAIT)
    bridge.mock.site("gia-binh").frozen = True
    expect(words).to_contain_text("hình đứng", ignore_case=True, timeout=WAIT)
    expect(desk.card("gia-binh")).to_have_attribute("data-grade", "critical")
    expect(desk.card("quan-su").locator(".card-health")).to_contain_text("Không có tín hiệu", timeout=WAIT)
    expect(desk.card("quan-su").locator(".card-state")).to_have_text("Không có hình")
    expect(desk.card("tien-du").locator(".card-health")).to_have_text("Tốt")
    bridge.mock.site("gia-binh").frozen = False
    bridge.mock.site("gia-binh").loss = 0
    # Rates are of some seconds: those are over at once.
    desk.page.evaluate("() => { const now = Date.now; Date.now = () => now() + 6000 }")
    expect(words).to_have_text("Tốt", timeout=WAIT)


def test_mock_prepare_take_undo(desk, bridge):
    desk.open().ready()
    expect(desk.page.locator("#staged-screen")).to_be_hidden()
    desk.page.keyboard.press("p")
    desk.page.locator("#layouts [data-layout='1+5']").click()
    expect(desk.page.locator("#staged-list")).to_contain_text("Bố cục 1+5")
    expect(desk.page.locator("#staged-cells .cell")).to_have_count(6)
    desk.card("quan-su").drag_to(desk.cell(0, "staged"))
    layout = {"command": "layout", "layout": "1+5", "program": "room"}
    pin = {"command": "pin", "site": "quan-su", "program": "room", "cell": 0}
    desk.saw({"commands": [layout, pin]}, "/v1/staged")
    until(lambda: desk.page.locator("#staged-picture").evaluate("(e) => e.naturalWidth") > 0, "the staged picture")
    # The mock paints what is staged by trying it on, under its lock.
    with bridge.mock.lock:
        assert bridge.mock.layouts["room"] == "1+12", "nothing may happen before it is taken"
    assert desk.commands() == []
    desk.page.keyboard.press("t")
    until(lambda: bridge.mock.layouts["room"] == "1+5" and bridge.mock.pins["room"] == {0: "quan-su"}, "the take")
    expect(desk.page.locator("#live-cells .cell")).to_have_count(6)
    expect(desk.page.locator("#staged-list")).not_to_contain_text("1+5")
    desk.page.keyboard.press("u")
    until(lambda: bridge.mock.layouts["room"] == "1+12", "the undo")
    expect(desk.page.locator("#live-cells .cell")).to_have_count(13)


def test_mock_sound_does_not_wait_for_the_take(desk, bridge):
    desk.open().ready()
    desk.page.keyboard.press("p")
    desk.card("tu-son").locator(".act-mute").click()
    desk.saw({"command": "mute", "site": "tu-son"})


def test_mock_staged_by_another_operator(desk, bridge):
    desk.open().ready()
    bridge.mock.staged = [{"command": "layout", "layout": "2+8", "program": "room"}]
    expect(desk.page.locator("#staged-list")).to_contain_text("Bố cục 2+8", timeout=WAIT)
    desk.page.click("#discard")
    until(lambda: bridge.mock.staged is None, "the discard")
    expect(desk.page.locator("#staged-screen")).to_be_hidden()


def test_mock_cell_numbers_over_what_is_prepared(desk, bridge):
    """They are the staged picture's own, or there are none."""
    desk.open().ready()
    cells = desk.page.locator("#staged-cells .cell")
    desk.page.keyboard.press("p")
    expect(cells).to_have_count(13)
    desk.page.get_by_role("button", name="Chào cờ").click()
    expect(desk.page.locator("#staged-list")).to_contain_text("Kịch bản Chào cờ")
    expect(cells).to_have_count(0)
    expect(desk.page.locator("#staged-layout")).to_have_text("")
    desk.card("tu-son").focus()
    desk.page.keyboard.press("3")
    expect(desk.page.locator(".notice-error")).to_contain_text("Chưa biết các ô")
    desk.page.locator("#layouts [data-layout='2x2']").click()
    expect(cells).to_have_count(4)
    desk.page.click("#discard")
    expect(cells).to_have_count(13)
    desk.card("tu-son").locator(".act-lecture").click()
    expect(desk.page.locator("#staged-list")).to_contain_text("Thành ủy Từ Sơn giảng")
    expect(desk.cell(0, "staged")).to_have_attribute("aria-label", "Ô 1: trống")


def test_mock_another_program(desk, bridge):
    desk.open().ready()
    desk.page.locator(".program-tab", has_text="Gửi cấp trên").click()
    expect(desk.page.locator("#live-cells .cell")).to_have_count(1)
    desk.page.locator("#layouts [data-layout='1x2']").click()
    desk.saw({"command": "layout", "layout": "1x2", "program": "return"})
    assert bridge.mock.layouts["room"] == "1+12"


def test_mock_record_and_play(desk, bridge):
    desk.open().ready()
    desk.page.locator("#panel-tabs [data-tab=recordPlay]").click()
    desk.page.get_by_role("button", name="Ghi hình Phòng họp", exact=True).click()
    desk.saw({"command": "record", "program": "room", "action": "start"})
    expect(desk.page.locator("#on-record")).to_contain_text("Đang ghi")
    desk.page.get_by_role("button", name="Dừng ghi hình Phòng họp").click()
    desk.page.get_by_role("button", name="Đồng ý").click()
    desk.saw({"command": "record", "program": "room", "action": "stop"})
    expect(desk.page.locator("#on-record")).to_be_hidden()


def test_mock_play_a_file(desk, bridge):
    desk.open().ready()
    desk.page.locator("#panel-tabs [data-tab=recordPlay]").click()
    files = desk.page.locator(".files")
    expect(files).to_contain_text("chao-co.mp41:33")
    desk.page.get_by_text("lặp lại").click()
    desk.page.get_by_label("Phát: chao-co.mp4").click()
    desk.saw({"command": "play", "file": "chao-co.mp4", "loop": True})
    card = desk.card("player")
    expect(card.locator(".card-health")).to_have_text(re.compile(r"^chao-co\.mp4 · đang phát 0:0\d\s/\s1:33$"), timeout=WAIT)
    expect(card.locator(".act-refresh")).to_be_hidden()
    expect(desk.page.locator(".playing")).to_contain_text("chao-co.mp4 · đang phát")
    with bridge.mock.lock:
        bridge.mock.site("player").player["seconds"] = 46.6
    until(lambda: 0.45 < (card.locator(".card-far").evaluate("(e) => e.value")) < 0.6, "half of it on the card")
    with bridge.mock.lock:
        bridge.mock.site("player").player.update(state="failed", reason="no such codec")
    expect(card.locator(".card-health")).to_have_text("chao-co.mp4 · không phát được: no such codec", timeout=WAIT)
    expect(card).to_have_attribute("data-grade", "critical")
    expect(card.locator(".act-stop")).to_be_enabled()
    # Where the file doesn't tell how long it is.
    desk.page.get_by_label("Phát: phim-tu-lieu.mp4").click()
    expect(card.locator(".card-health")).to_have_text(re.compile(r"^phim-tu-lieu\.mp4 · đang phát 0:0\d$"), timeout=WAIT)
    expect(card.locator(".card-far")).to_be_hidden()
    card.locator(".act-stop").click()
    desk.saw({"command": "stop-play"})
    expect(card).to_have_count(0, timeout=WAIT)
    expect(desk.page.get_by_role("button", name="Dừng phát", exact=True)).to_be_disabled()


def test_mock_add_and_remove_a_site(desk, bridge):
    desk.may_complain = True  # of the refusal
    desk.open().ready()
    desk.page.click("#add-site")
    form = desk.page.locator("dialog")
    form.get_by_label("Tên").fill('Xã Mới, "thôn Đông"')
    expect(form.locator("#add-id")).to_have_value("xa-moi-thon-dong")
    form.locator("#add-id").fill("tu-son")
    form.get_by_label("Địa chỉ của điểm cầu").fill("10.20.9.10")
    form.get_by_label("Cổng tiếng ở MCU").fill("5060")
    expect(form.locator("#add-video")).to_have_value("5062")
    desk.page.keyboard.press("Enter")
    expect(form.locator(".wrong")).to_have_text("id=tu-son: expected an id that no other site has")
    form.locator("#add-id").fill("xa-moi")
    form.get_by_role("button", name="Thêm").click()
    expect(form).to_have_count(0)
    desk.saw({"command": "add", "spec": 'id=xa-moi,name="Xã Mới, \\"thôn Đông\\"",audio=5060,video=5062,to=10.20.9.10:5004'})
    expect(desk.card("xa-moi")).to_be_visible(timeout=WAIT)
    desk.card("xa-moi").locator(".act-more").click()
    desk.page.get_by_text("Xóa khỏi cuộc họp").click()
    assert {"command": "remove", "site": "xa-moi"} not in desk.commands(), "it asks first"
    desk.page.get_by_role("button", name="Đồng ý").click()
    desk.saw({"command": "remove", "site": "xa-moi"})
    expect(desk.card("xa-moi")).to_have_count(0)


def test_mock_line_check(desk, bridge):
    desk.open().ready()
    desk.page.locator("#panel-tabs [data-tab=lineCheck]").click()
    desk.page.get_by_role("button", name="Kiểm tra mọi điểm cầu").click()
    row = desk.page.locator("#panel-line-check tbody tr").first
    expect(row).to_contain_text("Hỏng", timeout=WAIT)
    expect(desk.page.locator("#panel-line-check")).to_contain_text("Không có gói nào tới")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Báo cáo (CSV)").click()
    assert download.value.suggested_filename == "line-check.csv"


def test_mock_roll_call_and_log_and_audit(desk, bridge):
    desk.open().ready()
    desk.card("tu-son").locator(".act-mute").click()
    desk.page.locator("#panel-tabs [data-tab=rollCall]").click()
    table = desk.page.locator("#panel-roll-call")
    expect(table).to_contain_text("Xã Đại Bái", timeout=WAIT)
    expect(table).to_contain_text("Có mặt 16/17 điểm cầu")
    with desk.page.expect_download() as download:
        desk.page.get_by_role("button", name="Lưu bảng (CSV)").click()
    text = pathlib.Path(download.value.path()).read_text("utf-8-sig")
    assert download.value.suggested_filename == "diem-danh.csv" and text.startswith("đường dẫn,điểm cầu"), text
    desk.page.locator("#panel-tabs [data-tab=log]").click()
    expect(desk.page.locator("#panel-log")).to_contain_text("đã tắt tiếng Thành ủy Từ Sơn", timeout=WAIT)
    desk.page.locator("#panel-tabs [data-tab=audit]").click()
    expect(desk.page.locator("#panel-audit")).to_contain_text("mute", timeout=WAIT)


def test_mock_the_log_speaks_vietnamese(desk, bridge):
    """As far as the page knows the bridge's words; others stay as they are."""
    lines = {
        "room has the layout lecture; tu-son stands in cell 2 of room":
            "Phòng họp: bố cục Giảng bài; Thành ủy Từ Sơn ở ô 3 (Phòng họp)",
        'room says "a; b" across its picture': "dòng chữ “a; b” (Phòng họp)",
        'room says "a; b" across its picture; nobody is heard': 'says "a; b" across its picture; đã tắt tiếng mọi điểm',
        "que-vo has a gain of -1.5 dB": "Thị ủy Quế Võ: mức tiếng -1,5 dB",
        "loop: what is sent to que-vo comes in here; the link is cut for a while": "vòng lặp: hình gửi cho Thị ủy Quế Võ",
        "prepared: nobody has the lecture; something new": "chuẩn bị: thôi giảng; something new",
        "alarm raised: Đảng ủy Quân sự tỉnh: no signal": "cảnh báo: Đảng ủy Quân sự tỉnh: không có tín hiệu",
        "the bridge has a word for this": "the bridge has a word for this",
    }
    for line in lines:
        bridge.mock.say("notice", None, line)
    bridge.mock.say("warning", "tu-son", "packets of this site were dropped")
    desk.open().ready()
    log = desk.page.locator("#panel-log")
    for words in lines.values():
        expect(log).to_contain_text(words, timeout=WAIT)
    expect(log).to_contain_text("Thành ủy Từ Sơn: có gói của điểm này bị bỏ")
    desk.page.click("#language")
    for line in lines:
        expect(log).to_contain_text(line)


def test_mock_alarms(desk, bridge):
    desk.open().ready()
    expect(desk.page.locator(".alarm").first).to_contain_text("Đảng ủy Quân sự tỉnh: không có tín hiệu")
    assert desk.page.locator(".alarm").first.get_attribute("data-severity") == "critical"
    for id in ("tu-son", "que-vo"):
        bridge.mock.site(id).state = "slate"
    expect(desk.page.locator("#alarms-more")).to_have_text("và 2 cảnh báo nữa", timeout=WAIT)
    desk.page.click("#alarms-more")
    expect(desk.page.locator(".alarm")).to_have_count(4)
    for site in bridge.mock.sites:
        site.state, site.loss = "live", 0
    expect(desk.page.locator("#alarms")).to_be_hidden(timeout=WAIT)


def test_mock_a_refusal_is_told(desk, bridge):
    bridge.mock.refuse["layout"] = "the layout is locked"
    desk.may_complain = True
    desk.open().ready()
    desk.page.locator("#layouts [data-layout='2x2']").click()
    expect(desk.page.locator(".notice-error")).to_contain_text("the layout is locked")


def test_mock_names_are_text(desk, bridge):
    evil = "<img src=x onerror=\"window.broken=1\"><b>Ác</b> & <script>window.broken=1</script>"
    bridge.mock.site("tu-son").name = evil
    bridge.mock.site("quan-su").name = evil
    bridge.mock.say("warning", "tu-son", evil, evil)
    desk.open().ready()
    expect(desk.card("tu-son").locator(".card-name")).to_have_text(evil)
    expect(desk.page.locator("#panel-log")).to_contain_text("<b>Ác</b>")
    expect(desk.page.locator(".alarm").first).to_contain_text("<b>Ác</b>")
    desk.page.locator("#panel-tabs [data-tab=rollCall]").click()
    expect(desk.page.locator("#panel-roll-call")).to_contain_text("<b>Ác</b>", timeout=WAIT)
    desk.card("tu-son").locator(".act-more").click()
    expect(desk.page.locator("dialog h2")).to_have_text(evil)
    assert desk.page.evaluate("() => window.broken") is None
    assert desk.page.locator("img[src='x'], .card b, .alarm-text b").count() == 0


def test_mock_token_dialog(desk, bridge):
    bridge.mock.token = "bi-mat"
    desk.may_complain = True
    desk.open()
    dialog = desk.page.locator("dialog")
    expect(dialog).to_contain_text("Nhập mã truy cập")
    desk.page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    desk.page.fill("#token", "sai")
    desk.page.keyboard.press("Enter")
    expect(dialog).to_contain_text("Mã không đúng")
    desk.page.fill("#token", "bi-mat")
    desk.page.keyboard.press("Enter")
    desk.ready()
    until(lambda: int(desk.page.locator("#live").get_attribute("data-pictures") or 0) > 2, "the preview, with the token")
    desk.page.reload()
    desk.ready()
    expect(dialog).to_have_count(0)
    assert "bi-mat" not in desk.page.url


def test_mock_a_viewer_only_looks(desk, bridge):
    bridge.mock.role = "viewer"
    desk.open().ready()
    expect(desk.page.locator("#role")).to_have_text("Chỉ xem")
    for hidden in (".card-buttons", "#mode", "#caption-tool", "#presets-tool", "#add-site", "[data-tab=audit]"):
        expect(desk.page.locator(hidden).first).to_be_hidden()
    expect(desk.page.locator("#layouts [data-layout='2x2']")).to_be_disabled()
    desk.card("tu-son").focus()
    for key in ("m", "d", "3", "t", "u", "p"):
        desk.page.keyboard.press(key)
    desk.page.wait_for_timeout(200)
    assert desk.sent == [], desk.sent


def test_mock_an_operator_is_no_administrator(desk, bridge):
    bridge.mock.role = "operator"
    desk.open().ready()
    expect(desk.page.locator("[data-tab=audit]").first).to_be_hidden()
    expect(desk.page.locator("#add-site")).to_be_hidden()
    expect(desk.card("tu-son").locator(".act-mute")).to_be_enabled()


def test_mock_features_that_are_missing_are_not_shown(desk, bridge):
    bridge.mock.without = {"v1/line-check", "v1/audit", "v1/staged", "v1/recordings", "v1/files", "v1/roll-call"}
    desk.may_complain = True  # browsers report a 404 by themselves
    desk.open().ready()
    for tab in ("lineCheck", "audit", "recordPlay", "rollCall"):
        expect(desk.page.locator(f"#panel-tabs [data-tab={tab}]")).to_have_count(0, timeout=WAIT)
    expect(desk.page.locator("#mode-prepare")).to_be_hidden()
    expect(desk.page.locator("#undo")).to_be_hidden()


def test_mock_an_old_bridge(desk, bridge):
    """With nothing but /stats, commands and roll call the page still serves."""
    bridge.mock.without = {"v1/session", "v1/events", "v1/sites", "v1/programs", "v1/staged", "v1/files",
                           "v1/recordings", "v1/line-check", "v1/audit"}
    desk.may_complain = True
    desk.open().ready()
    expect(desk.page.locator(".card")).to_have_count(13)
    desk.card("tu-son").locator(".act-mute").click()
    expect(desk.card("tu-son").locator(".card-muted")).to_be_visible()


def test_mock_reconnects(desk, bridge):
    desk.may_complain = True
    desk.open().ready()
    old = bridge.mock.id
    bridge.server.stop()
    bridge.mock.rest()
    expect(desk.page.locator("#offline")).to_contain_text("Mất liên lạc với MCU", timeout=WAIT)
    expect(desk.page.locator("#connection")).to_have_text("Mất kết nối")
    expect(desk.card("tu-son").locator(".act-mute")).to_be_disabled()
    bridge.server.start()
    desk.ready()
    assert bridge.mock.id != old
    expect(desk.page.locator("#offline")).to_be_hidden()
    expect(desk.page.locator(".notice").first).to_contain_text("MCU vừa khởi động lại")
    live = desk.page.locator("#live")
    before = int(live.get_attribute("data-pictures"))
    until(lambda: int(live.get_attribute("data-pictures")) > before + 3, "the preview after the restart")
    expect(desk.card("tu-son").locator(".act-mute")).to_be_enabled()


PICTURES = "() => Number(document.getElementById('live').dataset.pictures ?? 0)"


def test_mock_pages_share_the_connections(desk, bridge):
    """Six connections are all that a browser keeps to one bridge: pages must not starve each other."""
    bridge.mock.pace = 0.15
    desk.open().ready()
    other = desk.context.new_page()
    other.goto(desk.url)
    expect(other.locator(".card").first).to_be_visible(timeout=WAIT)

    def moving():
        # One that is looked at may have been sent another picture before it goes away.
        return len([count for count in bridge.mock.previews if count[0] > 2])

    def say(is_used):
        other.evaluate("(is_used) => new BroadcastChannel('mcu-previews').postMessage({page: 'third', isUsed: is_used})", is_used)

    def does_move(page):
        before = page.evaluate(PICTURES)
        until(lambda: page.evaluate(PICTURES) > before + 2, "a picture that moves")

    until(lambda: moving() == 2, lambda: f"the stages of both pages move, nothing else: {bridge.mock.previews}")
    for page in (desk.page, other):
        page.locator(".card[data-site=tu-son] .act-mute").click()
    until(lambda: len([c for c in bridge.mock.commands if c["command"] in ("mute", "unmute")]) == 2, "two commands")
    # A third page takes over from the one that was used first; once it is gone, that one moves again.
    say(True)
    until(lambda: moving() == 1, lambda: f"one of two stages moves: {bridge.mock.previews}")
    say(False)
    until(lambda: moving() == 2, "both move again")
    # A hidden page looks at nothing.
    other.evaluate("() => { Object.defineProperty(document, 'hidden', {get: () => true}); "
                   "document.dispatchEvent(new Event('visibilitychange')) }")
    until(lambda: moving() == 1, "a hidden page has no preview")
    does_move(desk.page)


def test_mock_a_preview_without_a_connection(desk, bridge):
    """It is looked at now and then in place of moving."""
    bridge.mock.starved = 2  # one for the stage, one for the other program
    desk.open().ready()
    until(lambda: desk.page.evaluate(PICTURES) > 0, "a single picture")
    assert not [count for count in bridge.mock.previews if count[0] > 1], "no stream"


class Target:
    """The bridge under test: a mock of its own for each test, or a running one."""

    def __init__(self, url=None):
        self.url, self.mock, self.server = url, None, None
        if url is None:
            from mock_bridge import MockBridge, Server
            # A browser that draws without a graphics card does little else at 10 pictures a second.
            self.mock = MockBridge(pace=0.3)
            self.server = Server(self.mock)
            self.url = self.server.url

    def lacks(self, desk, path):
        return desk.page.evaluate(
            "async (p) => { const c = new AbortController(); const r = await fetch(p, {signal: c.signal, headers: "
            "sessionStorage.token ? {Authorization: 'Bearer ' + sessionStorage.token} : {}}); c.abort(); "
            "return r.status === 404 }", path)

    def close(self):
        if self.server:
            self.mock.stopped.set()
            self.mock.id = "over"
            self.server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bridge", metavar="URL", help="a running bridge, in place of the mock")
    parser.add_argument("--page-of-folder", action="store_true",
                        help="with --bridge: the page as it is in this folder, not the one in the bridge")
    parser.add_argument("--token")
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("--only", default="", metavar="WORD", help="tests with this in their name")
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder for a screenshot of each failure")
    options = parser.parse_args()
    if options.page_of_folder:
        from proxy import serve
        options.bridge = serve(options.bridge)
    tests = [(name, test) for name, test in globals().items()
             if name.startswith("test_") and options.only in name
             and not (options.bridge and name.startswith("test_mock_"))]
    passed, failed, skipped = 0, [], 0
    began = time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
        desk = target = None
        for name, test in tests:
            start = time.monotonic()
            goes_on = desk and target and getattr(test, "is_tidy", False)
            if not goes_on:
                if target:
                    desk.end()
                    target.close()
                target = Target(options.bridge)
                # With a bridge all tests have one origin: its memory must not outlast a test.
                if options.bridge and desk:
                    desk.context.close()
                    desk = None
            desk = Desk.current = (desk or Desk(browser, options.token)).begin(target.url)
            if goes_on:
                desk.page.keyboard.press("Escape")
                if target.mock:
                    target.mock.clear()
            try:
                reason = test(desk, target)
                assert desk.strangers == [], f"asked another host: {desk.strangers}"
                policy = [c for c in desk.complaints if "Content Security Policy" in c]
                assert policy == [], policy
                # Chromium itself reports each answer of 4xx and each refused connection; a bridge may lack features.
                complaints = [c for c in desk.complaints if target.mock or "404" not in c]
                assert desk.may_complain or complaints == [], complaints
                word = f"skip  {name}: {reason}" if reason else f"ok    {name}"
                passed, skipped = (passed, skipped + 1) if reason else (passed + 1, skipped)
            except Exception:
                word = f"FAIL  {name}"
                failed.append(name)
                traceback.print_exc(file=sys.stdout)
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    with contextlib.suppress(Exception):
                        desk.page.screenshot(path=options.pictures / f"{name}.png")
                        print(f"{options.pictures / name}.png shows it")
                # Whatever it left behind must not fail the next one.
                with contextlib.suppress(Exception):
                    desk.context.close()
                target.close()
                desk = target = None
            else:
                if not getattr(test, "is_tidy", False):
                    desk.end()
                    target.close()
                    target = None
            print(f"{word} ({time.monotonic() - start:.1f} s)", flush=True)
        browser.close()
    print(f"{passed} passed, {len(failed)} failed, {skipped} skipped, in {time.monotonic() - began:.0f} s")
    for name in failed:
        print(f"failed: {name}")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
