/// Cores and delay against sites, a line a scenario, as SVG: two charts one above the other and the names beside them.
package struct CapacityChart: Sendable {
    private let report: CapacityReport

    package init(_ report: CapacityReport) { self.report = report }

    private struct Panel {
        var title: String
        var top: Double
        var most: Double
        var value: (CapacityStep) -> Double?
    }

    private static let (left, width, height) = (70.0, 560.0, 250.0)
    private static let colours = [
        "#0b7285", "#c92a2a", "#5f3dc4", "#2b8a3e", "#e67700", "#1864ab", "#a61e4d", "#364fc7", "#087f5b", "#862e9c",
        "#d9480f", "#495057",
    ]

    package var svg: String {
        let steps = report.findings.flatMap(\.steps)
        let sites = Self.round(above: Double(steps.map(\.sites).max() ?? 1))
        let panels = [
            Panel(
                title: "CPU of the bridge, in cores", top: 60,
                most: Self.round(above: max(Double(report.cores), steps.map(\.cores).max() ?? 1)), value: \.cores),
            Panel(
                title: "delay from camera to composed picture, 95 %, in ms", top: 390,
                most: Self.round(above: min(400, max(100, steps.compactMap(\.delay95).max() ?? 100))),
                value: { $0.delay95 }),
        ]
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 700" font-family="Noto Sans, sans-serif" font-size="13">
            <rect width="900" height="700" fill="white"/>
            """,
            text(Self.left, 28, "\(report.machine), \(report.cores) cores, \(report.date)", size: 16),
        ]
        for panel in panels { parts += draw(panel, sites: sites) }
        for (index, finding) in report.findings.enumerated() {
            let y = 80 + 22 * Double(index)
            parts.append(
                "<rect x=\"650\" y=\"\(y - 10)\" width=\"14\" height=\"4\" fill=\"\(colour(index))\"/>"
                    + text(672, y - 3, "\(finding.scenario.name): \(finding.sites)"))
        }
        parts.append(text(650, 80 + 22 * Double(report.findings.count) + 8, "hollow: too many", grey: true))
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private func draw(_ panel: Panel, sites: Double) -> [String] {
        let bottom = panel.top + Self.height
        func x(_ step: CapacityStep) -> Double { Self.left + Double(step.sites) / sites * Self.width }
        func y(_ value: Double) -> Double { bottom - min(1, value / panel.most) * Self.height }
        var parts = [text(Self.left, panel.top - 10, panel.title)]
        for share in 0...4 {
            let (value, across) = (panel.most * Double(share) / 4, sites * Double(share) / 4)
            parts.append(
                line(Self.left, y(value), Self.left + Self.width, y(value), "#dee2e6")
                    + text(
                        Self.left - 8, y(value) + 4, DecimalText.of(value, digits: panel.most < 10 ? 2 : 0), end: true)
                    + text(
                        Self.left + Self.width * Double(share) / 4, bottom + 18,
                        DecimalText.of(across, digits: sites < 10 ? 1 : 0)))
        }
        parts.append(text(Self.left + Self.width, bottom + 34, "sites", end: true))
        for (index, finding) in report.findings.enumerated() {
            let points = finding.steps.compactMap { step in panel.value(step).map { (step, x(step), y($0)) } }
            let held = points.filter { $0.0.sites <= finding.sites }
            let path = held.map { "\(DecimalText.of($0.1, digits: 1)),\(DecimalText.of($0.2, digits: 1))" }
            parts.append(
                "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour(index))\" "
                    + "stroke-width=\"2\"/>")
            for (step, x, y) in points {
                let fill = step.sites <= finding.sites ? colour(index) : "white"
                parts.append(
                    "<circle cx=\"\(DecimalText.of(x, digits: 1))\" cy=\"\(DecimalText.of(y, digits: 1))\" r=\"4\" "
                        + "fill=\"\(fill)\" stroke=\"\(colour(index))\"/>")
            }
        }
        return parts
    }

    /// The next of 1, 2, 4, 8 times a power of ten: its quarters are round as well.
    private static func round(above value: Double) -> Double {
        var power = 1.0
        while true {
            if let found = [1.0, 2, 4, 8].first(where: { $0 * power >= value }) { return found * power }
            power *= 10
        }
    }

    private func colour(_ index: Int) -> String { Self.colours[index % Self.colours.count] }

    private func line(_ x: Double, _ y: Double, _ toX: Double, _ toY: Double, _ colour: String) -> String {
        "<line x1=\"\(x)\" y1=\"\(y)\" x2=\"\(toX)\" y2=\"\(toY)\" stroke=\"\(colour)\"/>"
    }

    private func text(
        _ x: Double, _ y: Double, _ words: String, size: Int = 13, end: Bool = false, grey: Bool = false
    ) -> String {
        "<text x=\"\(x)\" y=\"\(y)\" font-size=\"\(size)\"\(end ? " text-anchor=\"end\"" : "")"
            + "\(grey ? " fill=\"#868e96\"" : "")>\(HTMLText.escaped(words))</text>"
    }
}
