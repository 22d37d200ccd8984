import Foundation

/// The terminal, if there is one.
enum Terminal {
    /// Whether standard output is one that a page can be drawn on.
    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Writes a line to standard error.
    static func complain(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    /// Writes text to standard output at once.
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// Draws `lines` over what was drawn before; on no terminal, after it.
    static func draw(_ lines: [String]) {
        guard isInteractive else { return write(lines.joined(separator: "\n") + "\n\n") }
        // Home, then each line with its old rest cleared, then all below: it doesn't flicker as clearing first would.
        let width = width
        write("\u{1B}[H" + lines.map { $0.prefix(width) + "\u{1B}[K\n" }.joined() + "\u{1B}[J")
    }

    /// In columns; a line that is wrapped would spoil the page.
    private static var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
