import Foundation
import Glibc

/// The last lines of the terminal, drawn over and over; what stands above stays and can be copied.
struct LiveArea {
    private var height = 0

    /// Draws `lines` where the last ones were. Those of who speaks are set off.
    mutating func draw(_ lines: [String]) {
        var size = winsize()
        let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 && size.ws_row > 2
        // A line that is wrapped or a page that scrolls could not be drawn over.
        let (columns, rows) = isKnown ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
        let shown = lines.prefix(rows - 1).map { line in
            let line = String(line.prefix(columns))
            return line.hasPrefix("▶") ? "\u{1B}[1;32m\(line)\u{1B}[0m" : line
        }
        let up = height > 0 ? "\u{1B}[\(min(height, rows - 1))A" : ""
        Terminal.write(up + "\r" + shown.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
        height = shown.count
    }
}
