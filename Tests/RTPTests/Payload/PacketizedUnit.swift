import Media
import RTP

/// The packets that a packetizer makes of bytes.
struct PacketizedUnit {
    var payloads: [[UInt8]] = []
    var markers: [Bool] = []

    init(
        _ packetizer: inout Packetizer, _ bytes: [UInt8], isKeyframe: Bool = false, byteCapacity: Int = 1 << 20,
        packetCapacity: Int = 1024
    ) {
        var batch = PacketBatch(byteCapacity: byteCapacity, packetCapacity: packetCapacity)
        bytes.withUnsafeBytes { raw in
            packetizer.packetize(AccessUnit(bytes: raw, timestamp: 0, isKeyframe: isKeyframe), into: &batch)
        }
        for index in 0..<batch.count {
            payloads.append(Array(batch.payload(index)))
            markers.append(batch[index].marker)
        }
    }

    var hasOneMarkerAtItsEnd: Bool { markers.last == true && !markers.dropLast().contains(true) }
}

/// NAL units with start codes before them, three and four bytes in turn.
func annexB(_ units: [[UInt8]]) -> [UInt8] {
    units.enumerated().flatMap { index, unit in (index % 2 == 0 ? [0, 0, 0, 1] : [0, 0, 1]) + unit }
}

/// A NAL unit of `size` bytes that holds no start code.
func nalUnit(_ header: [UInt8], size: Int, using generator: inout SeededGenerator) -> [UInt8] {
    header + (header.count..<size).map { _ in UInt8.random(in: 1...255, using: &generator) }
}
