"""Receives RTP on some ports and remembers when each packet came.

A process of its own would be late while another computes; here a thread with nothing to do but this waits in select.
Times are the machine's monotonic clock, in seconds, as the relay's report has them.
"""

import select
import socket
import threading
import time


class Recorder:
    """Records the ports in `kept`, by name; takes what comes to `ignored`, so that nobody gets an ICMP answer."""

    def __init__(self, kept, ignored=()):
        self.packets = {name: [] for name in kept}
        self._sockets = {}
        for name, port in [*kept.items(), *((None, port) for port in ignored)]:
            line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            line.bind(("127.0.0.1", port))
            line.setblocking(False)
            self._sockets[line] = name
        self._over = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._over = True
        self._thread.join()
        for line in self._sockets:
            line.close()

    def _run(self):
        while not self._over:
            for line in select.select(list(self._sockets), [], [], 0.1)[0]:
                name = self._sockets[line]
                while True:
                    try:
                        packet = line.recv(65536)
                    except BlockingIOError:
                        break
                    if name is not None:
                        self.packets[name].append((time.monotonic(), packet))
