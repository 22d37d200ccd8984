"""A line that says how far it is, redrawn each second; without a terminal a line for each step."""

import contextlib
import sys
import threading
import time


class Progress:
    def __init__(self, seconds):
        self.total, self.done = max(1, seconds), 0
        self.is_terminal = sys.stderr.isatty()

    @contextlib.contextmanager
    def step(self, label, seconds):
        began, over = time.monotonic(), threading.Event()

        def draw():
            while not over.is_set():
                # A step that takes longer than was thought stands at its end, and doesn't pass it.
                self._show(label, self.done + min(seconds, time.monotonic() - began))
                over.wait(1)

        if self.is_terminal:
            drawer = threading.Thread(target=draw)
            drawer.start()
        else:
            self._show(label, self.done)
        try:
            yield
        finally:
            over.set()
            if self.is_terminal:
                drawer.join()
                print("\r\033[K", end="", file=sys.stderr, flush=True)
            self.done += seconds

    def _show(self, label, done):
        share, left = done / self.total, round(self.total - done)
        line = f"{100 * share:3.0f} %  {left // 60}:{left % 60:02} left  {label}"
        if self.is_terminal:
            filled = round(20 * share)
            line = f"\r\033[K[{'#' * filled}{'.' * (20 - filled)}] {line}"
        print(line, end="" if self.is_terminal else "\n", file=sys.stderr, flush=True)
