import Media

/// The largest picture that is decoded. A parameter set of 22 bytes can ask a decoder for gigabytes: the size is read
/// and refused before any decoder sees it.
package struct PictureLimit: Equatable, Sendable {
    /// The longest side, in luma samples: portrait is as good as landscape.
    package var side: Int
    /// The largest area, in luma samples.
    package var area: Int

    package init(side: Int, area: Int) {
        self.side = side
        self.area = area
    }

    /// 4096x2304, either way up.
    package static let standard = PictureLimit(side: 4096, area: 4096 * 2304)

    /// Whether a picture of this coded size may be decoded.
    package func admits(_ size: Size) -> Bool {
        (1...side).contains(size.width) && (1...side).contains(size.height) && size.area <= area
    }
}
