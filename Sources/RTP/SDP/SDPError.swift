/// Why a session description was refused, for whoever wrote it.
package struct SDPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Counted from 1; 0 if the text as a whole is meant.
    package let line: Int
    package let reason: String

    package init(line: Int, _ reason: String) {
        self.line = line
        self.reason = reason
    }

    package var description: String { line == 0 ? "SDP: \(reason)" : "SDP line \(line): \(reason)" }
}
