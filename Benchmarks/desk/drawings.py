"""Layouts by chance: names, grids, and drawings of rectangles."""

import sites

_NAMES = ["auto", "1+5", "1+7", "1+9", "1+12", "1+16", "1+20", "2+8", "2+21", "3+4", "3+9", "side-by-side", "speaker",
          "presenter", "pip", "lecture"]


def draw(chance):
    """One layout, by `chance`, a random.Random."""
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(_NAMES)
    if kind < 0.5:
        return f"{chance.randint(1, 5)}x{chance.randint(1, 5)}"
    rows, columns = chance.randint(1, 4), chance.randint(1, 4)
    grid = [["."] * columns for _ in range(rows)]
    # Each stands in one rectangle only.
    once = ["A", "B", "C", "speaker", "previous", *sites.IDS]
    chance.shuffle(once)
    for top, left, height, width in _parts(chance, 0, 0, rows, columns):
        is_one = height * width == 1
        word = chance.choice("***.") if is_one and chance.random() < 0.5 or not once else once.pop()
        for row in range(top, top + height):
            grid[row][left:left + width] = [word] * width
    return " / ".join(" ".join(row) for row in grid)


def _parts(chance, top, left, height, width):
    """Cuts a rectangle in two, and those again, as often as chance will."""
    if height * width == 1 or chance.random() < 0.25:
        return [(top, left, height, width)]
    if width == 1 or height > 1 and chance.random() < 0.5:
        cut = chance.randint(1, height - 1)
        return _parts(chance, top, left, cut, width) + _parts(chance, top + cut, left, height - cut, width)
    cut = chance.randint(1, width - 1)
    return _parts(chance, top, left, height, cut) + _parts(chance, top, left + cut, height, width - cut)
