import Media
import RTP
import TestSupport
import Testing

/// Forged packets beside a site's own (CVE-2021-41105: a hundred of them once ended a call).
@Suite struct SRTPFloodTests {
    /// What comes in on a port of a site that sends SRTP: authenticated first, then a session.
    private final class Port {
        let secure: SecureEnd
        let session = Endpoint()
        var packets = 0

        init(_ suite: CryptoSuite) throws { secure = try SecureEnd(SecurePackets.key(suite), .inbound) }

        func receive(_ datagram: [UInt8], at milliseconds: Int) {
            let (outcome, plain) = secure.unprotect(datagram)
            guard case .ok = outcome else { return }
            if case .media = session.receive(plain, at: milliseconds) { packets += 1 }
        }
    }

    @Test(arguments: CryptoSuite.allCases)
    func `200 bad packets a second for a minute cost none of the site's and nothing but a count`(
        suite: CryptoSuite
    ) throws {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        let port = try Port(suite)
        var hostile = HostileDatagrams(seed: 41_105)
        for step in 0..<12_000 {
            let now = 5 * step
            if step % 4 == 0 {
                let own = try #require(sender.protect(SecurePackets.packet(sequence: step / 4)))
                hostile.learn(own)
                port.receive(own, at: now)
            }
            // Noise, plain packets, the site's own with bits changed, and again; and forged ones with its SSRC.
            let datagram = hostile.make().datagram
            let forged = SecurePackets.packet(sequence: step / 4 + 1) + [UInt8](repeating: 9, count: 30)
            port.receive(step % 8 == 7 ? forged : datagram, at: now)
        }
        #expect(port.packets == 3000 && port.session.statistics.lost == 0)
        let statistics = port.secure.statistics
        #expect(statistics.passed == 3000)
        #expect(statistics.authenticationFailed + statistics.malformed + statistics.replayed == 12_000)
        #expect(statistics.authenticationFailed > 3000 && statistics.replayed > 1000, "\(statistics)")
        #expect(port.secure.sourceCount == 1)
    }

    /// libpeer issue 283: plain RTP went to the decoder of an encrypted call.
    @Test(arguments: CryptoSuite.allCases) func `no plain packet passes, however it looks`(suite: CryptoSuite) throws {
        let port = try Port(suite)
        var bombs = H264Bombs(seed: 283, ssrc: 0x1111_1111)
        for kind in H264Bombs.Kind.allCases {
            for datagram in bombs.make(kind) { port.receive(datagram, at: 0) }
        }
        #expect(port.packets == 0 && port.session.remoteSSRC == nil)
        #expect(port.session.statistics == RTPSession.Statistics())
    }
}
