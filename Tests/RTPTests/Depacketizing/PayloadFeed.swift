import Media
import RTP

/// Feeds payloads to a depacketizer as a stream of packets and keeps copies of what comes out.
final class PayloadFeed<Format: PayloadDepacketizer & ~Copyable> {
    struct Unit: Equatable {
        var bytes: [UInt8]
        var timestamp: Int64
        var isKeyframe: Bool
        var isDamaged: Bool
        var isWhole = true
        var isRecoveryPoint = false
    }

    var depacketizer: Format
    var units: [Unit] = []
    var refused: [Size] = []
    /// All access units so far had their padding of zeros.
    var isPadded = true
    private var sequence: Int64 = 0

    init(_ depacketizer: consuming Format) { self.depacketizer = depacketizer }

    func push(_ payload: [UInt8], timestamp: Int64 = 0, marker: Bool = false) {
        payload.withUnsafeBytes {
            depacketizer.push(
                VideoPacket(
                    codec: .h264, sequence: sequence, timestamp: timestamp, marker: marker, arrival: .zero,
                    payload: $0))
        }
        sequence += 1
        while let depacketized = depacketizer.next() {
            switch depacketized {
            case .refused(let size): refused.append(size)
            case .accessUnit(let unit, let completeness):
                let end = unit.bytes.baseAddress! + unit.bytes.count
                let padding = UnsafeRawBufferPointer(start: end, count: AccessUnit.padding)
                isPadded = isPadded && padding.allSatisfy { $0 == 0 }
                units.append(
                    Unit(
                        bytes: [UInt8](unit.bytes), timestamp: unit.timestamp, isKeyframe: unit.isKeyframe,
                        isDamaged: unit.isDamaged, isWhole: completeness.isWhole,
                        isRecoveryPoint: completeness.isRecoveryPoint))
            }
        }
    }

    func lose() { depacketizer.packetsLost() }
}

/// Bytes written as hexadecimal digits; spaces are for the eye.
func octets(_ text: String) -> [UInt8] {
    let digits = text.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// NAL units in Annex B form.
func annexB(_ nalUnits: [UInt8]...) -> [UInt8] { nalUnits.flatMap { [0, 0, 0, 1] + $0 } }
