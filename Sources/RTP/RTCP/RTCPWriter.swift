import Media

/// Writes RTCP packets one behind the other into a buffer of the caller's. Each call writes a whole packet, or nothing
/// and says `false` when it does not fit.
package struct RTCPWriter {
    let buffer: UnsafeMutableRawBufferPointer
    /// The bytes written so far.
    package private(set) var count = 0
    /// Where the packet written last begins.
    private var lastPacket: Int?

    /// - Parameter buffer: borrowed; it must live as long as this writer.
    package init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// SR with at most one report block.
    @discardableResult
    package mutating func senderReport(
        ssrc: UInt32, _ information: SenderReport.Information, block: ReportBlock?
    ) -> Bool {
        let size = 4 + SenderReport.Information.size + (block == nil ? 0 : ReportBlock.size)
        guard let start = begin(RTCPHeader.senderReport, count: block == nil ? 0 : 1, bodySize: size) else {
            return false
        }
        buffer.storeBigEndian(ssrc, at: start)
        buffer.storeBigEndian(information.ntp.rawValue, at: start + 4)
        buffer.storeBigEndian(information.rtpTimestamp, at: start + 12)
        buffer.storeBigEndian(information.packetCount, at: start + 16)
        buffer.storeBigEndian(information.octetCount, at: start + 20)
        block?.write(into: buffer, at: start + 24)
        return true
    }

    /// RR with at most one report block.
    @discardableResult
    package mutating func receiverReport(ssrc: UInt32, block: ReportBlock?) -> Bool {
        let size = 4 + (block == nil ? 0 : ReportBlock.size)
        guard let start = begin(RTCPHeader.receiverReport, count: block == nil ? 0 : 1, bodySize: size) else {
            return false
        }
        buffer.storeBigEndian(ssrc, at: start)
        block?.write(into: buffer, at: start + 4)
        return true
    }

    /// SDES with one chunk. Texts longer than 255 bytes are cut between two characters; an empty `name` is left out.
    @discardableResult
    package mutating func sourceDescription(ssrc: UInt32, cname: String, name: String = "") -> Bool {
        let size = Self.chunkSize(cname: cname, name: name)
        guard let start = begin(RTCPHeader.sourceDescription, count: 1, bodySize: size) else { return false }
        writeChunk(ssrc: ssrc, cname: cname, name: name, at: start, size: size)
        return true
    }

    /// Adds a chunk to the SDES that was written last. `false`, and nothing is written, if another packet followed it, it has
    /// 31 chunks already, or the chunk does not fit.
    /// - Parameter reserve: bytes to be left for what follows.
    package mutating func addChunk(ssrc: UInt32, cname: String, name: String, leaving reserve: Int = 0) -> Bool {
        let size = Self.chunkSize(cname: cname, name: name)
        guard let packet = lastPacket, buffer[packet + 1] == RTCPHeader.sourceDescription,
            buffer[packet] & 0x1F < 31, count + size + reserve <= buffer.count
        else { return false }
        writeChunk(ssrc: ssrc, cname: cname, name: name, at: count, size: size)
        count += size
        buffer[packet] += 1
        buffer.storeBigEndian(UInt16((count - packet) / 4 - 1), at: packet + 2)
        return true
    }

    /// Bytes of a chunk: at least one null byte ends it, then more up to a multiple of four.
    private static func chunkSize(cname: String, name: String) -> Int {
        let nameSize = textSize(name)
        let itemsSize = 2 + textSize(cname) + (nameSize == 0 ? 0 : 2 + nameSize)
        return 4 + (itemsSize + 4) / 4 * 4
    }

    private func writeChunk(ssrc: UInt32, cname: String, name: String, at start: Int, size: Int) {
        let (cnameSize, nameSize) = (Self.textSize(cname), Self.textSize(name))
        buffer.storeBigEndian(ssrc, at: start)
        var offset = start + 4
        put(SourceDescription.Kind.cname.rawValue, at: &offset)
        putText(cname, size: cnameSize, at: &offset)
        if nameSize > 0 {
            put(SourceDescription.Kind.name.rawValue, at: &offset)
            putText(name, size: nameSize, at: &offset)
        }
        while offset < start + size { put(0, at: &offset) }
    }

    /// APP (RFC 3550 section 6.7).
    /// - Parameters:
    ///   - subtype: 0 to 31.
    ///   - dataSize: a multiple of four.
    ///   - fill: writes the data; what it leaves out is zero.
    @discardableResult
    package mutating func application(
        ssrc: UInt32, subtype: Int, name: ApplicationPacket.Name, dataSize: Int,
        _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) -> Bool {
        precondition(dataSize >= 0 && dataSize % 4 == 0, "the data of an APP packet are whole words")
        precondition((0...31).contains(subtype), "a subtype has five bits")
        let size = ApplicationPacket.fixedSize + dataSize
        guard let start = begin(RTCPHeader.application, count: subtype, bodySize: size) else { return false }
        buffer.storeBigEndian(ssrc, at: start)
        buffer.storeBigEndian(name.rawValue, at: start + 4)
        let data = UnsafeMutableRawBufferPointer(
            rebasing: buffer[start + ApplicationPacket.fixedSize..<start + size])
        data.initializeMemory(as: UInt8.self, repeating: 0)
        fill(data)
        return true
    }

    /// BYE of one source. A reason longer than 255 bytes is cut between two characters.
    @discardableResult
    package mutating func goodbye(ssrc: UInt32, reason: String = "") -> Bool {
        let reasonSize = Self.textSize(reason)
        let size = 4 + (reasonSize == 0 ? 0 : (1 + reasonSize + 3) / 4 * 4)
        guard let start = begin(RTCPHeader.goodbye, count: 1, bodySize: size) else { return false }
        buffer.storeBigEndian(ssrc, at: start)
        var offset = start + 4
        if reasonSize > 0 { putText(reason, size: reasonSize, at: &offset) }
        while offset < start + size { put(0, at: &offset) }
        return true
    }

    /// Writes the four bytes of the head and gives the offset of the body; `nil` if the packet does not fit.
    mutating func begin(_ type: UInt8, count items: Int, bodySize: Int) -> Int? {
        guard count + RTCPHeader.size + bodySize <= buffer.count else { return nil }
        let start = count
        lastPacket = start
        buffer[start] = 2 << 6 | UInt8(items)
        buffer[start + 1] = type
        buffer.storeBigEndian(UInt16(bodySize / 4), at: start + 2)
        count += RTCPHeader.size + bodySize
        return start + RTCPHeader.size
    }

    private func put(_ byte: UInt8, at offset: inout Int) {
        buffer[offset] = byte
        offset += 1
    }

    private func putText(_ text: String, size: Int, at offset: inout Int) {
        put(UInt8(size), at: &offset)
        for byte in text.utf8.prefix(size) { put(byte, at: &offset) }
    }

    /// The longest whole scalars of `text` that an 8-bit length can count.
    private static func textSize(_ text: String) -> Int {
        guard text.utf8.count > 255 else { return text.utf8.count }
        var size = 0
        for scalar in text.unicodeScalars {
            let next = size + UTF8.width(scalar)
            if next > 255 { break }
            size = next
        }
        return size
    }
}
