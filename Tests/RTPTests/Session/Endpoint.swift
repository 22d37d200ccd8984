import Media
import RTP

/// Bytes from hexadecimal digits; what is no digit is for the reader.
func hex(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    precondition(digits.count % 2 == 0, "an odd number of digits")
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

extension Instant {
    static func milliseconds(_ count: Int) -> Instant { .zero + .milliseconds(count) }
}

/// A session under test: gives what it says as plain values.
final class Endpoint {
    static let ssrc: UInt32 = 0x0A0B_0C0D
    static let payloadType = PayloadType(96)!

    enum Event: Equatable {
        case send([UInt8])
        case streamChanged(UInt32)
        case goodbye
        case keyframeRequested
        case senderReport(NTPTime, Int64)
        case contributorsChanged
        case message([UInt8])
        case messageRepeated
    }

    private var session: RTPSession
    var sender: SenderState?

    init(
        isVideo: Bool = true, clockRate: Int = 90_000, seed: UInt64 = 1, controlBitrate: Int = 20_000,
        _ adjust: (inout RTPSession.Configuration) -> Void = { _ in }
    ) {
        var accepts = PayloadTypeTable()
        accepts[Self.payloadType] = 3
        var configuration = RTPSession.Configuration(
            ssrc: Self.ssrc, cname: "f3a9", name: "Huyện ủy Gia Bình", clockRate: clockRate, isVideo: isVideo,
            accepts: accepts, controlBitrate: Bitrate(bitsPerSecond: controlBitrate))
        adjust(&configuration)
        session = RTPSession(configuration, generator: SeededGenerator(seed: seed), at: .zero)
    }

    func receive(_ datagram: [UInt8], at milliseconds: Int) -> Reception {
        datagram.withUnsafeBytes { session.receive($0, at: .milliseconds(milliseconds)) }
    }

    /// An RTP packet of four payload bytes.
    func receive(
        ssrc: UInt32 = 0x1111_1111, sequence: Int, timestamp: Int = 0, type: UInt8 = 96, at milliseconds: Int = 0
    ) -> Reception {
        receive(Self.packet(ssrc: ssrc, sequence: sequence, timestamp: timestamp, type: type), at: milliseconds)
    }

    static func packet(ssrc: UInt32, sequence: Int, timestamp: Int = 0, type: UInt8 = 96) -> [UInt8] {
        var datagram = [UInt8](repeating: 0xAA, count: RTPHeader.fixedSize + 4)
        let header = RTPHeader(
            payloadType: type, marker: false, sequence: UInt16(truncatingIfNeeded: sequence),
            timestamp: UInt32(truncatingIfNeeded: timestamp), ssrc: ssrc)
        datagram.withUnsafeMutableBytes { header.write(into: $0) }
        return datagram
    }

    func next(at milliseconds: Int) -> Event? { next(at: .milliseconds(milliseconds)) }

    func next(at now: Instant) -> Event? {
        switch session.next(at: now, sender: sender) {
        case .none: nil
        case .send(let bytes): .send(Array(bytes))
        case .streamChanged(let ssrc): .streamChanged(ssrc)
        case .goodbye: .goodbye
        case .keyframeRequested: .keyframeRequested
        case .senderReport(let ntp, let timestamp): .senderReport(ntp, timestamp)
        case .contributorsChanged: .contributorsChanged
        case .message(let bytes): .message(Array(bytes))
        case .messageRepeated: .messageRepeated
        }
    }

    /// Everything but what is sent.
    func events(at milliseconds: Int) -> [Event] {
        var events: [Event] = []
        while let event = next(at: milliseconds) {
            if case .send = event { continue }
            events.append(event)
        }
        return events
    }

    /// The peer's feedback, by value.
    enum Feedback: Equatable {
        case repairRequested([UInt16])
        case bitrateLimit(Bitrate?)
        case report(ReceiverReportFacts)
        case transportFeedback([UInt8])
        case collision
    }

    func feedback(at milliseconds: Int = 0) -> [Feedback] {
        var found: [Feedback] = []
        while let feedback = session.nextFeedback(at: .milliseconds(milliseconds)) {
            switch feedback {
            case .repairRequested(let sequences): found.append(.repairRequested(Array(sequences)))
            case .bitrateLimit(let limit): found.append(.bitrateLimit(limit))
            case .report(let facts): found.append(.report(facts))
            case .transportFeedback(let content): found.append(.transportFeedback(Array(content)))
            case .collision: found.append(.collision)
            }
        }
        return found
    }

    /// The datagrams sent by `milliseconds`.
    func sent(at milliseconds: Int) -> [[UInt8]] {
        var found: [[UInt8]] = []
        while let event = next(at: milliseconds) {
            if case .send(let bytes) = event { found.append(bytes) }
        }
        return found
    }

    func requestRepair(_ sequence: Int64) { session.requestRepair(sequence) }
    func requestBitrate(_ limit: Bitrate?) { session.requestBitrate(limit) }
    func changeSSRC(to ssrc: UInt32) { session.changeSSRC(to: ssrc) }
    func noteKeyframe(isUnderway: Bool, at milliseconds: Int) {
        session.noteKeyframe(isUnderway: isUnderway, at: .milliseconds(milliseconds))
    }
    @discardableResult func announce(_ message: [UInt8]) -> Bool { session.announce(message) }
    func describe(_ contributors: [SourceName]) { session.describe(contributors) }
    func name(of ssrc: UInt32) -> String? { session.name(of: ssrc) }
    var nameChanges: Int { session.nameChanges }
    func sources(name: String, cname: String) -> [SourceName] { session.sources(name: name, cname: cname) }
    var contributors: Contributors { session.contributors }
    var lastOrigin: PacketOrigin { session.lastOrigin }
    func requestKeyframe() { session.requestKeyframe() }
    func keyframeReceived() { session.keyframeReceived() }
    func goodbye(_ reason: String, at milliseconds: Int) -> [UInt8] {
        Array(session.goodbye(reason: reason, at: .milliseconds(milliseconds), sender: sender))
    }
    var deadline: Instant { session.deadline }
    var statistics: RTPSession.Statistics { session.statistics }
    var remoteSSRC: UInt32? { session.remoteSSRC }
}

extension Reception {
    var sequence: Int64? {
        if case .media(_, let sequence, _) = self { sequence } else { nil }
    }
    var timestamp: Int64? {
        if case .media(_, _, let timestamp) = self { timestamp } else { nil }
    }
}

/// The packets of a datagram, and whether it ended well.
func packets(of datagram: [UInt8]) -> (packets: [RTCPPacket], isMalformed: Bool) {
    datagram.withUnsafeBytes { bytes in
        var reader = RTCPReader(bytes)
        var packets: [RTCPPacket] = []
        while let packet = reader.next() { packets.append(packet) }
        return (packets, reader.isMalformed)
    }
}
