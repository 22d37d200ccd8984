"""Where the bridges stand: a network namespace each, joined by one switch; loopback addresses where none can be made."""

import os
import subprocess


class Network:
    """The hosts of the cascade. `kind` says in words what they are."""

    _SWITCH = "mcusw0"

    def __init__(self, hosts, is_apart=True):
        self._names = {host: f"mcu-{os.getpid()}-{host}" for host in hosts}
        self._made = []
        self._order = list(hosts)
        if not is_apart:
            self.kind, self._is_apart = "loopback addresses, as asked", False
            return
        try:
            self._make()
            self.kind = "network namespaces joined by a switch"
        except (OSError, subprocess.CalledProcessError) as failure:
            self.close()
            self._made = []
            words = getattr(failure, "stderr", None) or str(failure)
            self.kind = f"loopback addresses, since no namespaces can be made here ({words.strip()})"
        self._is_apart = bool(self._made)

    def address(self, host):
        """Of a host of the cascade; of `None`: where the lines between them run."""
        number = 1 if host is None else 2 + self._order.index(host)
        return f"10.77.0.{number}" if self._is_apart else f"127.77.0.{number}"

    def on(self, host, command):
        """The command, to be run on a host."""
        words = [str(word) for word in command]
        return ["ip", "netns", "exec", self._names[host], *words] if self._is_apart and host else words

    def close(self):
        for name in self._made:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "delete", self._SWITCH], check=False, capture_output=True)

    def _make(self):
        self._ip("link", "add", self._SWITCH, "type", "bridge")
        self._ip("address", "add", "10.77.0.1/24", "dev", self._SWITCH)
        self._ip("link", "set", self._SWITCH, "up")
        self._ip("link", "set", "lo", "up")
        for number, host in enumerate(self._order):
            name, plug = self._names[host], f"mcuv{number}"
            self._ip("netns", "add", name)
            self._made.append(name)
            self._ip("link", "add", plug, "type", "veth", "peer", "name", "line", "netns", name)
            self._ip("link", "set", plug, "master", self._SWITCH)
            self._ip("link", "set", plug, "up")
            self._ip("-n", name, "address", "add", f"10.77.0.{2 + number}/24", "dev", "line")
            self._ip("-n", name, "link", "set", "line", "up")
            self._ip("-n", name, "link", "set", "lo", "up")

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
