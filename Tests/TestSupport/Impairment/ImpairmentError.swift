import Glibc

/// What is wrong with a route, a command or an address, in words.
package struct ImpairmentError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }

    /// Tells it on standard error.
    package func tell() {
        let text = Array("impair: \(description)\n".utf8)
        _ = write(STDERR_FILENO, text, text.count)
    }
}
