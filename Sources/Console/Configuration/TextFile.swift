import Foundation

/// A small text file that an operator names.
package enum TextFile {
    /// Why it can't be read, as the end of a message.
    package struct Failure: Error, Hashable, Sendable {
        package var expected: String
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

    /// `path` as seen from the folder of the file that names it.
    package static func resolve(_ path: String, from file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
