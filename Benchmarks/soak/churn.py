"""What happens in the meeting: by a seed, the same in every run of it."""

import random

import meeting


class Churn:
    """Gives the events of each moment and carries them out. The first impaired site goes through everything first, one
    trouble after the other; from then on all of them at random."""

    def __init__(self, seed, tell):
        self._random = random.Random(seed)
        self._tell = tell
        first = meeting.IMPAIRED[0]
        # (seconds from the start, a function of the meeting)
        self._due = [
            (0, lambda m: self._spoil(m, f"set {first} loss=20%,jitter=200,order=free")),
            (10, lambda m: self._spoil(m, f"set {first} loss=0,jitter=0,order=kept")),
            (12, lambda m: self._spoil(m, f"stall {first} 5s")),
            (20, lambda m: self._flood(m, first, 2000, 4)),
            (26, lambda m: self._leave(m, first, crash=True)),
            (30, lambda m: self._return(m, first))]
        for site in meeting.IMPAIRED[1:]:
            self._due.append((self._random.uniform(0, 5), lambda m, site=site: self._trouble(m, site)))
        self._due.append((34, lambda m: self._trouble(m, first)))
        self._due.append((5, self._change_layout))
        self._now = 0
        self.layout_changes = []

    def run(self, running, elapsed):
        """Carries out what is due `elapsed` seconds after the start."""
        self._now = elapsed
        due = sorted((event for event in self._due if event[0] <= elapsed), key=lambda event: event[0])
        self._due = [event for event in self._due if event[0] > elapsed]
        for _, act in due:
            act(running)

    def _later(self, shortest, longest, act):
        self._due.append((self._now + self._random.uniform(shortest, longest), act))

    def _trouble(self, running, site):
        """One random trouble for a site, and the next one some time after."""
        choose = self._random
        kind = choose.choices(["line", "clean", "stall", "flood", "leave"], [6, 1, 2, 2, 3])[0]
        if kind == "line":
            self._spoil(running, f"set {site} {self._line()}")
        elif kind == "clean":
            self._spoil(running, f"set {site} loss=0,burst=0,jitter=0,delay=0,rate=none,duplicate=0,reorder=0")
        elif kind == "stall":
            self._spoil(running, f"stall {site} {choose.randint(1, 5)}s" + choose.choice(["", " lost"]))
        elif kind == "flood":
            self._flood(running, site, choose.randint(100, 2000), choose.randint(1, 4))
        else:
            self._leave(running, site, crash=choose.random() < 0.5)
            self._later(1, 8, lambda m: self._return(m, site))
        self._later(3, 12, lambda m: self._trouble(m, site))

    def _line(self):
        choose = self._random
        return (f"loss={choose.choice([0, 1, 3, 5, 10, 20])}%,burst={choose.choice([0, 0, 3, 10])},"
                f"delay={choose.choice([0, 20, 100])},jitter={choose.choice([0, 10, 30, 100, 200])},"
                f"order={choose.choice(['kept', 'free'])},duplicate={choose.choice([0, 0, 5])}%,"
                f"reorder={choose.choice([0, 0, 2])}%,rate={choose.choice(['none', 'none', '2M', '1M'])}")

    def _change_layout(self, running):
        layout = self._random.choice(meeting.LAYOUTS)
        running.tell("layout", layout)
        self.layout_changes.append(layout)
        self._tell(f"layout {layout}")
        self._later(4, 15, self._change_layout)

    def _spoil(self, running, command):
        running.spoil(command)
        self._tell(command)

    def _flood(self, running, site, rate, seconds):
        for route in meeting.ROUTES:
            running.spoil(f"garbage {site}.{route} {rate}/s {seconds}s")
        self._tell(f"garbage {site} 4 x {rate}/s {seconds}s")

    def _leave(self, running, site, crash):
        if running.is_sending(site):
            running.hang_up(site, crash)
            self._tell(f"{site} {'crashes' if crash else 'leaves'}")

    def _return(self, running, site):
        running.send(site)
        self._tell(f"{site} is back")
