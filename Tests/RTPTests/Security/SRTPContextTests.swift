import Media
import RTP
import TestSupport
import Testing

@Suite struct SRTPContextTests {
    @Test(arguments: CryptoSuite.allCases) func `a wrong key, a changed bit and a cut packet fail`(
        suite: CryptoSuite
    ) throws {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        let stranger = try SecureEnd(SecurePackets.key(suite, seed: 8), .inbound)
        let receiver = try SecureEnd(SecurePackets.key(suite), .inbound)
        for plain in [SecurePackets.packet(sequence: 1), SecurePackets.control] {
            let packet = try #require(sender.protect(plain))
            #expect(stranger.unprotect(packet).outcome == .authenticationFailed)
            for bit in 16..<packet.count * 8 {
                var changed = packet
                changed[bit / 8] ^= 0x80 >> UInt8(bit % 8)
                let outcome = receiver.unprotect(changed).outcome
                #expect(outcome == .authenticationFailed || outcome == .malformed, "bit \(bit): \(outcome)")
            }
            for length in 0..<packet.count {
                let outcome = receiver.unprotect([UInt8](packet[..<length])).outcome
                #expect(outcome == .authenticationFailed || outcome == .malformed, "\(length) bytes: \(outcome)")
            }
            #expect(receiver.unprotect(packet).bytes == plain, "the true one passes after all that")
        }
        #expect(receiver.sourceCount == 2 && stranger.sourceCount == 0)
    }

    /// `srtp_unprotect_rtcp` once read before the start of short packets.
    @Test(arguments: CryptoSuite.allCases) func `every length from 0 to 64 of anything is refused`(
        suite: CryptoSuite
    ) throws {
        var generator = SeededGenerator(seed: 64)
        let receiver = try SecureEnd(SecurePackets.key(suite), .inbound)
        for length in 0...64 {
            for attempt in 0..<24 {
                var bytes = [UInt8](repeating: 0, count: length)
                if attempt > 0 { for index in bytes.indices { bytes[index] = .random(in: 0...255, using: &generator) } }
                // As RTP with CSRCs and an extension that may not fit, and as RTCP.
                if attempt > 1, length > 1 {
                    bytes[0] = 0x80 | bytes[0] & 0x3F
                    bytes[1] = attempt % 2 == 0 ? 96 : 200 + bytes[1] % 8
                }
                let outcome = receiver.unprotect(bytes).outcome
                #expect(outcome == .malformed || outcome == .authenticationFailed, "\(bytes): \(outcome)")
            }
        }
        #expect(receiver.sourceCount == 0 && receiver.statistics.passed == 0)
    }

    @Test(arguments: CryptoSuite.allCases) func `a packet is taken once, within the window in any order`(
        suite: CryptoSuite
    ) throws {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        let receiver = try SecureEnd(SecurePackets.key(suite), .inbound)
        let protected = (0..<3000).map { sender.protect(SecurePackets.packet(sequence: $0))! }
        for index in [2500, 500, 2499, 501, 2501] {
            #expect(receiver.unprotect(protected[index]).outcome == .ok(count: 16))
        }
        for index in [2500, 500, 501, 400] { #expect(receiver.unprotect(protected[index]).outcome == .replayed) }
        let report = sender.protect(SecurePackets.control)!
        #expect(receiver.unprotect(report).outcome == .ok(count: SecurePackets.control.count))
        #expect(receiver.unprotect(report).outcome == .replayed)
        #expect(receiver.statistics.replayed == 5)
    }

    @Test(arguments: CryptoSuite.allCases) func `a retransmission is the same packet bit for bit`(
        suite: CryptoSuite
    ) throws {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        let first = sender.protect(SecurePackets.packet(sequence: 9))
        for sequence in 10..<1500 { _ = sender.protect(SecurePackets.packet(sequence: sequence)) }
        #expect(sender.protect(SecurePackets.packet(sequence: 9)) == first && first != nil)
    }

    @Test(arguments: CryptoSuite.allCases) func `a sequence number carries one packet only`(suite: CryptoSuite) throws {
        let isGCM = suite == .aes128GCM || suite == .aes256GCM
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        var packet = hex("90600007 00000000 11111111 bede0001 10010000 abababababababab")
        #expect(sender.protect(packet) != nil)
        // Another number in the header extension: under GCM the header is part of what the nonce protects.
        packet[17] = 2
        #expect((sender.protect(packet) == nil) == isGCM)
        packet[17] = 1
        #expect(sender.protect(packet) != nil)
        for index in 20..<28 {
            packet[index] ^= 1
            #expect(sender.protect(packet) == nil)
            packet[index] ^= 1
        }
        #expect(sender.protect(packet + [0]) == nil)
        #expect(sender.statistics.sequenceReused == (isGCM ? 10 : 9))
        // Another stream has numbers of its own, and a cycle later they begin again.
        packet[8] = 0x22
        packet[20] ^= 1
        #expect(sender.protect(packet) != nil)
        for sequence in stride(from: 8, through: 65_536 + 7, by: 1) {
            #expect(sender.protect(SecurePackets.packet(sequence: sequence)) != nil)
        }
    }

    @Test func `a packet that is kept stays as it is`() throws {
        var context = try SRTPContext(key: SecurePackets.key(.aes128GCM), direction: .outbound)
        let kept = SecurePackets.packet(sequence: 1)
        var buffer = [UInt8](repeating: 0, count: kept.count + SRTPContext.trailerRoom)
        let outcome = kept.withUnsafeBytes { kept in buffer.withUnsafeMutableBytes { context.protect(kept, into: $0) } }
        #expect(outcome == .ok(count: kept.count + 16))
        #expect(kept == SecurePackets.packet(sequence: 1) && buffer[12..<16] != kept[12..<16])
    }

    @Test func `plain packets are refused`() throws {
        let receiver = try SecureEnd(SecurePackets.key(.aes128GCM), .inbound)
        #expect(receiver.unprotect(SecurePackets.packet(sequence: 1)).outcome == .malformed)
        #expect(receiver.unprotect(SecurePackets.packet(sequence: 1) + [UInt8](repeating: 5, count: 40)).bytes.isEmpty)
        // A whole SRTCP packet that says it isn't encrypted: the E bit is off.
        let sender = try SecureEnd(SecurePackets.key(.aes128GCM), .outbound)
        var report = try #require(sender.protect(SecurePackets.control))
        report[report.count - 4] &= 0x7F
        #expect(receiver.unprotect(report).outcome == .malformed)
    }

    @Test func `the sequence number wraps twice`() throws {
        let sender = try SecureEnd(SecurePackets.key(.aes128CounterSHA1_80), .outbound)
        let receiver = try SecureEnd(SecurePackets.key(.aes128CounterSHA1_80), .inbound)
        for sequence in stride(from: 65_000, to: 200_000, by: 97) {
            let packet = try #require(sender.protect(SecurePackets.packet(sequence: sequence)))
            #expect(receiver.unprotect(packet).outcome == .ok(count: 16), "\(sequence)")
        }
        #expect(receiver.statistics.rollOversFound == 0)
    }

    // MARK: Bounds

    @Test(arguments: [CryptoSuite.aes128CounterSHA1_80, .aes128GCM]) func `forged SSRCs make no stream`(
        suite: CryptoSuite
    ) throws {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        let receiver = try SecureEnd(SecurePackets.key(suite), .inbound)
        var forged = SecurePackets.packet(sequence: 1) + [UInt8](repeating: 9, count: 30)
        for ssrc in 0..<5000 {
            forged[8] = UInt8(ssrc >> 8)
            forged[9] = UInt8(ssrc & 0xFF)
            #expect(receiver.unprotect(forged).outcome == .authenticationFailed)
        }
        #expect(receiver.sourceCount == 0)
        #expect(receiver.unprotect(sender.protect(SecurePackets.packet(sequence: 2))!).outcome == .ok(count: 16))
    }

    @Test func `a peer with the key that makes new SSRCs for ever has 32 of them`() throws {
        let receiver = try SecureEnd(SecurePackets.key(.aes128GCM), .inbound)
        for ssrc in 1...200 as ClosedRange<UInt32> {
            // A context of its own each: an outbound one keeps its streams.
            let sender = try SecureEnd(SecurePackets.key(.aes128GCM), .outbound)
            let packet = sender.protect(SecurePackets.packet(ssrc: ssrc, sequence: 1))!
            #expect(receiver.unprotect(packet).outcome == .ok(count: 16))
            #expect(receiver.unprotect(packet).outcome == .replayed)
        }
        #expect(receiver.sourceCount == SRTPContext.maximumSources)
        #expect(receiver.statistics.sourcesForgotten == 200 - SRTPContext.maximumSources)
    }

    @Test func `a stream of ours is never forgotten`() throws {
        let sender = try SecureEnd(SecurePackets.key(.aes128GCM), .outbound)
        for ssrc in 1...32 as ClosedRange<UInt32> {
            #expect(sender.protect(SecurePackets.packet(ssrc: ssrc, sequence: 1)) != nil)
        }
        #expect(sender.protect(SecurePackets.packet(ssrc: 33, sequence: 1)) == nil)
        #expect(sender.protect(SecurePackets.packet(ssrc: 1, sequence: 2)) != nil)
        #expect(sender.statistics.refused == 1)
    }

    @Test func `a packet that is none is not protected`() throws {
        let sender = try SecureEnd(SecurePackets.key(.aes128GCM), .outbound)
        for bytes in [
            [], [0x80], hex("80c80000"), hex("9060000100000000cafebabebede0001"), hex("8f600001 00000000 cafebabe"),
        ] {
            #expect(sender.protect(bytes) == nil)
        }
        #expect(sender.statistics.malformed == 5)
    }
}
