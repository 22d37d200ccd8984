import Media

/// Turns access units of any codec into RTP payloads: one interface for every encoder's output. An enum, so that the
/// send path makes no dynamic call and holds no box.
package enum Packetizer: Sendable {
    case h264(H264Packetizer)
    case h265(H265Packetizer)
    case vp8(VP8Packetizer)
    case vp9(VP9Packetizer)

    /// The largest payload that fits a line with tunnels, below 1280 bytes of IPv6 minimum with all headers.
    package static let defaultPayloadSize = 1200

    /// - Parameters:
    ///   - payloadSize: the most bytes behind the RTP header, at least 64.
    ///   - packetizationMode: of H.264 only: 0 for endpoints that know no fragmentation.
    package init(
        _ codec: VideoCodec, payloadSize: Int = Packetizer.defaultPayloadSize,
        packetizationMode: H264Packetizer.Mode = .nonInterleaved
    ) {
        self =
            switch codec {
            case .h264: .h264(H264Packetizer(mode: packetizationMode, payloadSize: payloadSize))
            case .h265: .h265(H265Packetizer(payloadSize: payloadSize))
            case .vp8: .vp8(VP8Packetizer(payloadSize: payloadSize))
            case .vp9: .vp9(VP9Packetizer(payloadSize: payloadSize))
            }
    }

    /// Replaces what is in `batch` by the packets of `unit`. A unit that does not fit leaves the batch empty: a part of
    /// a picture would be sent for nothing.
    package mutating func packetize(_ unit: AccessUnit, into batch: inout PacketBatch) {
        switch self {
        case .h264(var packetizer):
            packetizer.packetize(unit, into: &batch)
            self = .h264(packetizer)
        case .h265(var packetizer):
            packetizer.packetize(unit, into: &batch)
            self = .h265(packetizer)
        case .vp8(var packetizer):
            packetizer.packetize(unit, into: &batch)
            self = .vp8(packetizer)
        case .vp9(var packetizer):
            packetizer.packetize(unit, into: &batch)
            self = .vp9(packetizer)
        }
    }

    package var statistics: PacketizerStatistics {
        switch self {
        case .h264(let packetizer): packetizer.statistics
        case .h265(let packetizer): packetizer.statistics
        case .vp8(let packetizer): packetizer.statistics
        case .vp9(let packetizer): packetizer.statistics
        }
    }
}

/// What a packetizer did since it was made.
package struct PacketizerStatistics: Equatable, Sendable {
    package var accessUnits = 0
    package var packets = 0
    package var bytes = 0
    /// NAL units dropped because they exceed the payload size and the mode knows no fragments.
    package var oversize = 0
    /// Access units dropped because they did not fit into the batch.
    package var overflow = 0

    package init() {}

    /// Ends an access unit: sets the marker, counts it, or empties a batch that it did not fit into.
    mutating func finish(_ batch: inout PacketBatch) {
        accessUnits += 1
        guard !batch.hasOverflowed else {
            overflow += 1
            batch.reset()
            return
        }
        batch.markLast()
        packets += batch.count
        bytes += batch.byteCount
    }
}

/// How a run of bytes is cut into parts of nearly equal size: no tiny last packet that costs as much as a full one.
struct FragmentPlan {
    let count: Int
    private let size: Int
    private let total: Int

    /// - Precondition: `total` and `limit` are positive.
    init(total: Int, limit: Int) {
        precondition(total > 0 && limit > 0, "fragments of \(limit) bytes of \(total)")
        self.total = total
        count = (total + limit - 1) / limit
        size = (total + count - 1) / count
    }

    /// The bytes of part `index`; never empty for `index < count`, and never above the limit.
    subscript(index: Int) -> Range<Int> {
        index * size..<min(total, (index + 1) * size)
    }
}
