import Foundation
import Media

/// A file of raw 4:2:0 pictures, one after another, as a receiving peer writes it.
package struct RawVideoFile {
    package let size: Size
    private let contents: Data

    /// Maps the file as it is now; a picture that is not whole at its end does not count.
    package init(path: String, size: Size) throws {
        contents = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        self.size = size
    }

    /// The pictures in the file.
    package var count: Int { contents.count / PictureProbe.byteCount(of: size) }

    /// - Precondition: `index` is from 0 to `count - 1`.
    package func picture(_ index: Int) -> PictureProbe {
        precondition(index >= 0 && index < count, "the file has \(count) pictures")
        let length = PictureProbe.byteCount(of: size)
        return PictureProbe(size: size, bytes: [UInt8](contents[index * length..<(index + 1) * length]))
    }
}
