import Media
import TestSupport
import Testing

/// RTCP with a site that the test plays itself.
@Suite("RTCP", .serialized)
struct ControlProtocolTests {
    /// The two ways a site may send its RTCP.
    enum Way: CaseIterable, CustomTestStringConvertible {
        /// On the port of its media (RFC 5761).
        case multiplexed
        /// On the next port.
        case separate

        var testDescription: String { self == .multiplexed ? "rtcp-mux" : "separate ports" }
    }

    @Test("reports come back the way they went, and SIGTERM says goodbye", arguments: Way.allCases)
    func reports(way: Way) async throws {
        let line = try SiteLine("gia-binh")
        let home = (
            media: try LoopbackSocket(port: line.home.video), control: try LoopbackSocket(port: line.home.videoRTCP)
        )
        let isMultiplexed = way == .multiplexed
        let bridge = try await BridgeProcess(
            line.flags("rtcp-mux=\(isMultiplexed)") + ["--size", "320x180", "--fps", "15"])
        let ssrc: UInt32 = 0x6A1B_0001
        let (socket, port) =
            isMultiplexed ? (home.media, line.bridge.video) : (home.control, line.bridge.videoRTCP)
        // A stream of sorts: it needs no pictures to be reported on.
        var sent: UInt32 = 0
        func answers() -> [RTCPLog.Packet] { RTCPLog(socket.datagrams).packets }
        let middle: UInt32 = 0xCAFE_0000
        try await eventually("a report that answers ours") {
            for _ in 0..<2 {
                sent += 1
                home.media.send(
                    RTPBytes.media(
                        payloadType: 96, marker: true, sequence: Int(sent), timestamp: sent * 6000, ssrc: ssrc,
                        payload: [0x41, 0x9A, 0, 0]),
                    to: line.bridge.video)
            }
            socket.send(
                RTPBytes.senderReport(ssrc: ssrc, middle: middle | (sent & 0xFFFF), packets: sent, bytes: 4 * sent),
                to: port)
            return answers().contains { packet in
                packet.blocks.contains { $0.ssrc == ssrc && $0.lastSenderReport >> 16 == 0xCAFE }
            }
        }
        let report = try #require(answers().last { !$0.blocks.isEmpty })
        // It comes from the port that ours went to, and tells of the stream that the bridge sends.
        #expect(report.port == port)
        #expect(report.type == 200)
        #expect(RTPLog(home.media.datagrams).sources == [report.ssrc])
        #expect(answers().contains { $0.type == 202 })
        #expect(!isMultiplexed || RTCPLog(home.control.datagrams).packets.isEmpty)

        #expect(bridge.stop() == 0)
        try await eventually("a BYE", seconds: 3) { answers().contains { $0.type == 203 && $0.ssrc == report.ssrc } }
        let goodbye = try #require(socket.datagrams.last { RTCPLog.isRTCP($0.bytes) })
        let kinds = RTCPLog([goodbye]).packets.map(\.type)
        #expect((kinds.first == 200 || kinds.first == 201) && kinds.contains(202) && kinds.last == 203)
        let last = try #require(RTPLog(home.media.datagrams).packets.last)
        #expect(last.arrival <= goodbye.arrival + .milliseconds(100), "nothing is sent after the BYE")
    }

    @Test("sound alone: its BYE comes too, on the next port of the site that multiplexes nothing")
    func soundGoodbye() async throws {
        let line = try SiteLine("ear")
        let control = try LoopbackSocket(port: line.home.audioRTCP)
        let media = try LoopbackSocket(port: line.home.audio)
        let bridge = try await BridgeProcess(line.soundFlags())
        try await eventually("sound") { media.datagrams.count > 25 }
        #expect(bridge.stop() == 0)
        try await eventually("a BYE", seconds: 3) {
            RTCPLog(control.datagrams).packets.contains { $0.type == 203 }
        }
        let log = RTPLog(media.datagrams)
        #expect(log.missing == 0 && log.packets.allSatisfy { $0.payloadType == 111 })
        #expect(zip(log.packets.dropFirst(), log.packets).allSatisfy { $0.timestamp &- $1.timestamp == 960 })
    }
}
