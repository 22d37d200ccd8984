"""Points and their fitted lines, a panel each, as SVG."""

LEFT, WIDTH, HEIGHT, GAP = 70, 620, 200, 90


def svg(panels):
    """panels: (title, what grows, [(x, cores)], line)."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {40 + len(panels) * (HEIGHT + GAP)}" '
             'font-family="Noto Sans, sans-serif" font-size="13">',
             f'<rect width="760" height="{40 + len(panels) * (HEIGHT + GAP)}" fill="white"/>']
    for number, panel in enumerate(panels):
        parts += _panel(40 + number * (HEIGHT + GAP), *panel)
    return "\n".join(parts) + "\n</svg>\n"


def _panel(top, title, what, points, line):
    most, far = max(y for _, y in points) * 1.1, max(x for x, _ in points)

    def place(x, y):
        return LEFT + x / far * WIDTH, top + HEIGHT * (1 - y / most)

    parts = [f'<text x="{LEFT}" y="{top - 12}" font-size="15">{title}: {line[1]:.4f} cores each</text>']
    for step in range(5):
        x, y = place(far * step / 4, most * step / 4)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{LEFT + WIDTH}" y2="{y:.1f}" stroke="#dee2e6"/>'
                     f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{most * step / 4:.2f}</text>'
                     f'<text x="{x:.1f}" y="{top + HEIGHT + 18}" text-anchor="middle">{far * step / 4:g}</text>')
    (x1, y1), (x2, y2) = place(0, line[0]), place(far, line[0] + line[1] * far)
    parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#0b7285" stroke-width="2"/>')
    for point in points:
        x, y = place(*point)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#c92a2a"/>')
    parts.append(f'<text x="{LEFT + WIDTH}" y="{top + HEIGHT + 36}" text-anchor="end">{what}</text>')
    return parts
