"""Clients that ask for what the operator's page does (Sources/mcu-server/Page), and throw it away."""

import http.client
import re
import threading
import time

import sites

# In seconds, as in previews.js, thumbnails.js, recordings.js, programs.js and rollcall.js.
_ROUNDS = [("/v1/recordings", 2), ("/v1/staged", 3), ("/v1/roll-call", 5)]


class Viewer:
    """One page: a connection for its events, one for the moving preview, one for all else."""

    def __init__(self):
        self.events = self.pictures = self.thumbnails = self.failures = 0
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._keep, args=(work,), daemon=True)
                         for work in (self._follow, self._watch, self._ask)]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._is_over.set()
        for thread in self._threads:
            thread.join(5)

    def _keep(self, work):
        connection = http.client.HTTPConnection(sites.HOST, sites.HTTP_PORT, timeout=5)
        try:
            work(connection)
        except (OSError, http.client.HTTPException):
            self.failures += 1
        finally:
            connection.close()

    def _stream(self, connection, path):
        connection.request("GET", path)
        answer = connection.getresponse()
        if answer.status != 200:
            raise http.client.HTTPException(f"{path}: {answer.status}")
        return answer

    def _follow(self, connection):
        answer = self._stream(connection, "/v1/events")
        while not self._is_over.is_set():
            self.events += answer.readline().startswith(b"event:")

    def _watch(self, connection):
        answer = self._stream(connection, "/v1/programs/room/preview")
        while not self._is_over.is_set():
            if found := re.match(rb"content-length: *(\d+)", answer.readline(), re.IGNORECASE):
                answer.readline()
                answer.read(int(found[1]))
                self.pictures += 1

    def _ask(self, connection):
        def get(path):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            self.failures += answer.status not in (200, 204)

        for path in ("/v1/session", "/stats"):
            get(path)
        due = dict.fromkeys((path for path, _ in _ROUNDS), time.monotonic())
        while not self._is_over.is_set():
            began = time.monotonic()
            for site in sites.IDS:
                get(f"/v1/sites/{site}/thumbnail.jpg")
                self.thumbnails += 1
            for path, period in _ROUNDS:
                if due[path] <= began:
                    get(path)
                    due[path] = began + period
            self._is_over.wait(max(0.1, 1 - (time.monotonic() - began)))
