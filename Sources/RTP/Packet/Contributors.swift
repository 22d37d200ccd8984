/// The sources that a mixer put into a packet: its CSRC list (RFC 3550 section 5.1), each perhaps with an audio level
/// (RFC 6465). A plain value without memory of its own.
package struct Contributors: Equatable, Sendable {
    /// What the four bits of the CSRC count can say; of more sources, fifteen are named.
    package static let capacity = 15
    /// The level of digital silence, which also stands for one that was not given where others were.
    package static let silence = 127
    private static let unknown: UInt8 = 0xFF

    private var sources = InlineArray<15, UInt32>(repeating: 0)
    private var levels = InlineArray<15, UInt8>(repeating: unknown)
    private var size: UInt8 = 0

    package init() {}

    package var count: Int { Int(size) }
    package var isEmpty: Bool { size == 0 }

    /// Adds a source; `false` if there are fifteen.
    /// - Parameter level: in -dBov, 0 (the loudest) to 127 (silence); others are brought into that range.
    @discardableResult
    package mutating func append(_ ssrc: UInt32, level: Int? = nil) -> Bool {
        guard count < Self.capacity else { return false }
        sources[count] = ssrc
        levels[count] = level.map { UInt8(min(max($0, 0), Self.silence)) } ?? Self.unknown
        size += 1
        return true
    }

    /// The SSRC of a source. - Precondition: `index < count`.
    package subscript(index: Int) -> UInt32 {
        precondition(index >= 0 && index < count, "contributor \(index) of \(count)")
        return sources[index]
    }

    /// The audio level of a source in -dBov, 0 to 127; `nil` if it was not given.
    /// - Precondition: `index < count`.
    package func level(_ index: Int) -> Int? {
        precondition(index >= 0 && index < count, "contributor \(index) of \(count)")
        return levels[index] == Self.unknown ? nil : Int(levels[index])
    }

    /// Whether at least one source has a level.
    package var hasLevels: Bool {
        for index in 0..<count where levels[index] != Self.unknown { return true }
        return false
    }

    package func contains(_ ssrc: UInt32) -> Bool {
        for index in 0..<count where sources[index] == ssrc { return true }
        return false
    }

    /// Whether these are the same sources in the same order, whatever their levels.
    package func hasSameSources(as other: Contributors) -> Bool {
        guard size == other.size else { return false }
        for index in 0..<count where sources[index] != other.sources[index] { return false }
        return true
    }

    package static func == (one: Contributors, other: Contributors) -> Bool {
        guard one.hasSameSources(as: other) else { return false }
        for index in 0..<one.count where one.levels[index] != other.levels[index] { return false }
        return true
    }

    // MARK: Writing

    /// Bytes of the CSRC list.
    var listSize: Int { 4 * count }
    /// Bytes of the element with the levels, head included (RFC 6465 section 3).
    var levelsSize: Int { 1 + count }

    /// - Precondition: `listSize` bytes from `offset` on are inside `buffer`.
    func writeList(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        for index in 0..<count { buffer.storeBigEndian(sources[index], at: offset + 4 * index) }
    }

    /// - Precondition: there is a source, and `levelsSize` bytes from `offset` on are inside `buffer`.
    func writeLevels(_ id: Int, into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        OneByteExtension.writeHead(id, size: count, into: buffer, at: offset)
        for index in 0..<count { buffer[offset + 1 + index] = min(levels[index], UInt8(Self.silence)) }
    }
}

extension RTPHeader {
    /// The contributing sources of a packet that was read.
    /// - Parameters:
    ///   - datagram: the one that this header was read from.
    ///   - levelExtension: the id of the header extension with their audio levels (RFC 6465), 1 to 14. Levels are taken as
    ///     far as they go; that a peer writes none is no fault.
    package func contributors(in datagram: UnsafeRawBufferPointer, levelExtension: Int? = nil) -> Contributors {
        var contributors = Contributors()
        guard csrcCount > 0 else { return contributors }
        let levels = levelExtension.flatMap { element($0, in: datagram) } ?? 0..<0
        for index in 0..<csrcCount {
            // The upper bit is reserved, and not looked at.
            let level = index < levels.count ? Int(datagram[levels.lowerBound + index] & 0x7F) : nil
            contributors.append(csrc(index, in: datagram), level: level)
        }
        return contributors
    }

    /// The data of a header extension's element within the datagram; `nil` if there is none with this id.
    private func element(_ id: Int, in datagram: UnsafeRawBufferPointer) -> Range<Int>? {
        guard headerExtensionProfile == OneByteExtension.profile else { return nil }
        return OneByteExtension.element(id, of: headerExtension, in: datagram)
    }
}
