/// The UDP ports of the demo, in blocks of four neighbours: RTP and RTCP of the sound, RTP and RTCP of the picture.
package struct PortBlocks: Hashable, Sendable {
    /// Below the ports that the kernel gives away by itself.
    package static let range = 20_000..<32_000
    package static let width = 4

    /// The first port of each block, ascending.
    package let bases: [Int]

    /// Looks for `count` blocks.
    ///
    /// - Parameter first: no port below this one.
    /// - Parameter isFree: whether a port can be had.
    /// - Returns: `nil` if there aren't so many.
    package init?(count: Int, from first: Int = range.lowerBound, isFree: (Int) -> Bool) {
        var bases: [Int] = []
        for base in stride(
            from: max(first, Self.range.lowerBound), to: Self.range.upperBound - Self.width + 1, by: Self.width)
        {
            guard bases.count < count else { break }
            if (base..<base + Self.width).allSatisfy(isFree) { bases.append(base) }
        }
        guard bases.count == count else { return nil }
        self.bases = bases
    }
}
