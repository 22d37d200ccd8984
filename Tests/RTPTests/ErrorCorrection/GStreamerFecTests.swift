import Media
import RTP
import Testing

/// A real peer's FEC packets.
@Suite struct GStreamerFecTests {
    private static let media = GStreamerCapture.packets.indices.filter {
        GStreamerCapture.packets[$0][1] & 0x7F != GStreamerCapture.fecType
    }

    @Test func `the capture is what it says`() {
        #expect(GStreamerCapture.packets.count == 19 && Self.media.count == 14)
    }

    @Test(arguments: media) func `any one packet comes back to the byte`(lost: Int) {
        let receiver = FecReceiver()
        for (index, packet) in GStreamerCapture.packets.enumerated() where index != lost { receiver.receive(packet) }
        #expect(receiver.recovered == [GStreamerCapture.packets[lost]])
        #expect(receiver.statistics.recovered == 1 && receiver.statistics.unneeded == 4)
    }

    @Test func `one of each group comes back at once`() {
        let receiver = FecReceiver()
        let lost = [1, 5, 9, 13, 16]
        for (index, packet) in GStreamerCapture.packets.enumerated() where !lost.contains(index) {
            receiver.receive(packet)
        }
        #expect(Set(receiver.recovered) == Set(lost.map { GStreamerCapture.packets[$0] }))
    }

    @Test func `two of one group don't`() {
        let receiver = FecReceiver()
        for (index, packet) in GStreamerCapture.packets.enumerated() where index != 0 && index != 1 {
            receiver.receive(packet)
        }
        #expect(receiver.recovered.isEmpty && receiver.waiting == 1)
    }
}
