import Media
import RTP
import Testing

/// A stream whose roll-over counter the receiver can't know, since SDES doesn't say it.
@Suite struct RollOverTests {
    private static let suites: [CryptoSuite] = [.aes128CounterSHA1_80, .aes256GCM]

    /// A sender at packet `start` of its stream, and the receiver that it goes to.
    private func ends(_ suite: CryptoSuite, at start: Int) throws -> (SecureEnd, SecureEnd) {
        let sender = try SecureEnd(SecurePackets.key(suite), .outbound)
        for sequence in stride(from: 0, to: start, by: 20_000) {
            _ = sender.protect(SecurePackets.packet(sequence: sequence))
        }
        return (sender, try SecureEnd(SecurePackets.key(suite), .inbound))
    }

    /// Packets from `start` on until one passes.
    private func packetsUntilPass(_ sender: SecureEnd, _ receiver: SecureEnd, from start: Int) -> Int? {
        for number in 0..<1200 {
            let packet = sender.protect(SecurePackets.packet(sequence: start + number))!
            if case .ok = receiver.unprotect(packet).outcome { return number }
        }
        return nil
    }

    @Test(arguments: suites) func `a bridge restarted hours into a stream finds its counter`(suite: CryptoSuite) throws
    {
        let start = 40 * 65_536 + 100
        let (sender, receiver) = try ends(suite, at: start)
        let needed = try #require(packetsUntilPass(sender, receiver, from: start))
        #expect(needed == 40)
        // And then it goes on as any other, over the next wrap.
        for sequence in stride(from: start + needed + 1, to: start + 140_000, by: 1000) {
            let packet = sender.protect(SecurePackets.packet(sequence: sequence))!
            #expect(receiver.unprotect(packet).outcome == .ok(count: 16))
        }
        #expect(receiver.statistics.rollOversFound == 1)
    }

    @Test(arguments: suites) func `the first packets before the wrap are lost`(suite: CryptoSuite) throws {
        let (sender, receiver) = try ends(suite, at: 65_530)
        _ = sender.protect(SecurePackets.packet(sequence: 65_530))
        #expect(try #require(packetsUntilPass(sender, receiver, from: 65_540)) == 1)
    }

    @Test(arguments: suites) func `a stall of minutes costs fractions of a second`(suite: CryptoSuite) throws {
        let (sender, receiver) = try ends(suite, at: 0)
        #expect(packetsUntilPass(sender, receiver, from: 0) == 0)
        for sequence in stride(from: 0, to: 150_000, by: 20_000) {
            _ = sender.protect(SecurePackets.packet(sequence: sequence))
        }
        #expect(try #require(packetsUntilPass(sender, receiver, from: 150_000)) <= 16 + 2)
        #expect(receiver.sourceCount == 1)
    }

    @Test(arguments: suites) func `it is found among forged packets`(suite: CryptoSuite) throws {
        let start = 5 * 65_536
        let (sender, receiver) = try ends(suite, at: start)
        var passed = false
        for number in 0..<100 where !passed {
            for index in 0..<20 {
                let forged =
                    SecurePackets.packet(ssrc: UInt32(number * 20 + index), sequence: index)
                    + [UInt8](repeating: 1, count: 20)
                #expect(receiver.unprotect(forged).outcome == .authenticationFailed)
            }
            let packet = sender.protect(SecurePackets.packet(sequence: start + number))!
            if case .ok = receiver.unprotect(packet).outcome { passed = true }
        }
        #expect(passed && receiver.sourceCount == 1)
    }

    @Test(arguments: suites) func `forged packets between the true ones cost none of them`(
        suite: CryptoSuite
    ) throws {
        let (sender, receiver) = try ends(suite, at: 0)
        let forged = SecurePackets.packet(sequence: 7) + [UInt8](repeating: 1, count: 20)
        for number in 0..<100 {
            // More of them than patience, then one each: they have begun a search long before.
            for _ in 0..<(number < 2 ? 40 : 1) { #expect(receiver.unprotect(forged).outcome == .authenticationFailed) }
            let packet = sender.protect(SecurePackets.packet(sequence: 100 + number))!
            #expect(receiver.unprotect(packet).outcome == .ok(count: 16))
        }
    }

    @Test(arguments: suites) func `what is found takes no packet twice`(suite: CryptoSuite) throws {
        let start = 3 * 65_536
        let (sender, receiver) = try ends(suite, at: start)
        let old = (0..<50).map { sender.protect(SecurePackets.packet(sequence: start + $0))! }
        for packet in old { _ = receiver.unprotect(packet) }
        let passed = receiver.statistics.passed
        #expect(passed > 0)
        for packet in old.suffix(passed) { #expect(receiver.unprotect(packet).outcome == .replayed) }
    }
}
