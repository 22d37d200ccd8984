import Foundation
import Glibc

/// A small text file that an operator names.
package enum TextFile {
    /// Why it can't be read, as the end of a message.
    package struct Failure: Error, Hashable, Sendable {
        package var expected: String
    }

    /// Why it can't be written, as the system has it.
    package struct WriteFailure: Error, Hashable, Sendable, CustomStringConvertible {
        private let code = errno

        package var description: String { String(cString: strerror(code)) }
    }

    /// The text of the file at `path`.
    ///
    /// - Parameter limit: the most bytes it may have.
    package static func read(path: String, limit: Int) throws(Failure) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Failure(expected: "a file that is there and may be read")
        }
        // One byte more than the limit shows that there is too much, even of an endless device.
        guard let data = try? file.read(upToCount: limit + 1) ?? Data() else {
            throw Failure(expected: "a file that can be read, not a folder")
        }
        guard data.count <= limit else { throw Failure(expected: "a file of at most \(limit) bytes") }
        guard let text = String(data: data, encoding: .utf8) else { throw Failure(expected: "text in UTF-8") }
        return text
    }

    /// Puts `text` in the place of the file at `path`, all of it or nothing.
    ///
    /// - Parameter isSecret: whether only the file's owner may read it, from its first byte on.
    /// - Throws: the system's words for why it can't be done.
    package static func write(_ text: String, path: String, isSecret: Bool = false) throws(WriteFailure) {
        // Beside the file, so that a rename puts it there; never through a link that somebody else has laid.
        let draft = "\(path).\(getpid()).new"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, isSecret ? 0o600 : 0o644)
        guard descriptor >= 0 else { throw WriteFailure() }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        let isWritten = (try? handle.write(contentsOf: Data(text.utf8))) != nil
        guard close(descriptor) == 0, isWritten, rename(draft, path) == 0 else {
            let failure = WriteFailure()
            unlink(draft)
            throw failure
        }
    }

    /// `path` as seen from the folder of the file that names it.
    package static func resolve(_ path: String, from file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
