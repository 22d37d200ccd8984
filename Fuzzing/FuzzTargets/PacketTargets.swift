import Media
import RTP

/// The readers of single packets.
extension FuzzTarget {
    /// The header of one RTP packet: its ranges lie in the datagram, one behind the other.
    package static let rtpHeader = FuzzTarget("rtp-header", seeds: { PacketSeeds.media }) { datagram in
        guard let header = RTPHeader(parsing: datagram) else { return }
        let (body, payload) = (header.headerExtension, header.payload)
        promise((0...15).contains(header.csrcCount))
        let csrcEnd = RTPHeader.fixedSize + 4 * header.csrcCount
        promise(csrcEnd <= payload.lowerBound && payload.upperBound <= datagram.count)
        promise(body.isEmpty || body.lowerBound == csrcEnd + 4 && body.upperBound == payload.lowerBound)
        promise(body.count % 4 == 0)
        visitContributors(of: header, in: datagram)
        // What it writes again are the bytes it read, but for the flags of what a written header never has.
        var written = [UInt8](repeating: 0, count: RTPHeader.fixedSize)
        written.withUnsafeMutableBytes { header.write(into: $0) }
        promise(written[0] == 0x80 && written.dropFirst().elementsEqual(datagram[1..<RTPHeader.fixedSize]))
    }

    /// The contributors are those of the CSRC list, whatever the header extension says of their levels.
    private static func visitContributors(of header: RTPHeader, in datagram: UnsafeRawBufferPointer) {
        for id in HeaderExtension.sendable {
            let contributors = header.contributors(in: datagram, levelExtension: id)
            promise(contributors.count == header.csrcCount)
            for index in 0..<contributors.count {
                promise(contributors[index] == header.csrc(index, in: datagram))
                promise(contributors.level(index).map { (0...127).contains($0) } ?? true)
            }
            // What it writes is read back; sources without a level among others are silent from then on.
            var again = header
            again.contributors = contributors
            again.levelExtension = id
            var bytes = [UInt8](repeating: 0xEE, count: again.writtenSize)
            bytes.withUnsafeMutableBytes { again.write(into: $0) }
            bytes.withUnsafeBytes { bytes in
                let read = RTPHeader(parsing: bytes)?.contributors(in: bytes, levelExtension: id)
                promise(read?.hasSameSources(as: contributors) == true && read?.hasLevels == contributors.hasLevels)
            }
        }
    }

    /// A compound of RTCP packets: every entry that is counted can be read.
    package static let rtcp = FuzzTarget("rtcp", seeds: { PacketSeeds.control }) { datagram in
        var reader = RTCPReader(datagram)
        var count = 0
        while let packet = reader.next() {
            count += 1
            promise(!reader.isMalformed)
            RTCPWalk(datagram: datagram).visit(packet)
        }
        promise(4 * count <= datagram.count, "a packet takes four bytes at least")
        promise(reader.next() == nil, "the end stays the end")
    }

    /// What the head of an Opus packet says.
    package static let opusPacket = FuzzTarget("opus-packet", maximumSize: 1500, seeds: { PacketSeeds.opus }) {
        guard let packet = OpusPacket(parsing: $0) else { return }
        promise((1...48).contains(packet.frameCount) && (1...2).contains(packet.channels))
        promise((120...2880).contains(packet.frameSamples))
        promise((120...OpusPacket.maximumSamples).contains(packet.samples))
    }
}

/// Reads all that an RTCP packet counts.
struct RTCPWalk {
    let datagram: UnsafeRawBufferPointer

    func visit(_ packet: RTCPPacket) {
        visitReports(packet)
        visitFeedback(packet)
    }

    private func visitReports(_ packet: RTCPPacket) {
        if case .senderReport(let report) = packet { visit(report.blocks) }
        if case .receiverReport(let report) = packet { visit(report.blocks) }
        if case .sourceDescription(let description) = packet {
            var items = description.items(in: datagram)
            var end = 0
            while let item = items.next() {
                promise(item.text.lowerBound > end && item.text.upperBound <= datagram.count)
                promise(item.text.count <= 255)
                end = item.text.upperBound
            }
        }
        if case .goodbye(let goodbye) = packet {
            for index in 0..<goodbye.sourceCount { _ = goodbye.source(index, in: datagram) }
            promise(goodbye.reason.upperBound <= datagram.count)
        }
        if case .application(let packet) = packet {
            promise((0...31).contains(packet.subtype) && packet.data.count % 4 == 0)
            promise(packet.data.upperBound <= datagram.count)
        }
        if case .other(_, let body) = packet { promise(body.upperBound <= datagram.count) }
    }

    private func visitFeedback(_ packet: RTCPPacket) {
        if case .genericNack(let nack) = packet {
            for index in 0..<nack.count {
                promise((1...17).contains(nack.entry(index, in: datagram).packetCount))
            }
        }
        if case .fullIntraRequest(let request) = packet {
            for index in 0..<request.count { _ = request.entry(index, in: datagram) }
        }
        if case .tmmbr(let request) = packet {
            for index in 0..<request.count {
                let entry = request.entry(index, in: datagram)
                promise(entry.bitrate.bitsPerSecond >= 0 && (0...511).contains(entry.overhead))
            }
        }
        if case .remb(let remb) = packet {
            promise(remb.bitrate.bitsPerSecond >= 0)
            for index in 0..<remb.streamCount { _ = remb.stream(index, in: datagram) }
        }
    }

    private func visit(_ blocks: ReportBlockList) {
        promise((0...31).contains(blocks.count))
        for index in 0..<blocks.count { _ = blocks.block(index, in: datagram) }
    }
}
