import Conference
import Media
import RTP

/// What repairs a site's picture without asking: ULPFEC, and RED around it, as far as they were agreed on.
struct ErrorCorrection: ~Copyable {
    private let payloadType: PayloadType?
    private var decoder: FecDecoder
    private var redundant: RedundantFormat?

    /// `nil` where neither was agreed on.
    /// - Parameter media: the payload types of the media itself.
    init?(_ plan: RepairPlan, media: PayloadTypeTable) {
        guard plan.fec != nil || plan.redundant != nil else { return nil }
        payloadType = plan.fec
        decoder = FecDecoder(accepts: media)
        redundant = plan.redundant.map { RedundantFormat(payloadType: $0) }
    }

    var statistics: FecDecoder.Statistics { decoder.statistics }

    /// How much later than the rest a repaired packet may come; `nil` while no FEC comes.
    var reach: Interval? { decoder.reach }

    /// The packet inside a RED packet; `nil` if it is none.
    mutating func unwrap(_ datagram: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        guard let type = redundant?.payloadType, datagram.count > 1, datagram[1] & 0x7F == type.rawValue,
            let header = RTPHeader(parsing: datagram)
        else { return nil }
        return redundant?.unwrap(header, datagram)
    }

    /// Takes a packet as it arrived, of the media or of FEC.
    mutating func receive(_ header: RTPHeader, _ packet: UnsafeRawBufferPointer) {
        if header.payloadType == payloadType?.rawValue {
            decoder.receive(fec: header, packet)
        } else {
            decoder.receive(media: header, packet)
        }
    }

    /// The next packet that was recovered.
    mutating func next() -> UnsafeRawBufferPointer? { decoder.next() }

    mutating func reset() { decoder.reset() }
}
