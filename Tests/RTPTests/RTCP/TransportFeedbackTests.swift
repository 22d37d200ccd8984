import Media
import RTP
import Testing

@Suite struct TransportFeedbackTests {
    private func statuses(_ bytes: [UInt8]) -> [TransportFeedback.Status]? {
        bytes.withUnsafeBytes { bytes in
            guard var feedback = TransportFeedback(bytes) else { return nil }
            var statuses: [TransportFeedback.Status] = []
            while let status = feedback.next() { statuses.append(status) }
            return statuses
        }
    }

    @Test func `run lengths, narrow and wide vectors, small and large deltas`() throws {
        // From 65534 on 24 packets, at 258 * 64 ms, the fifth feedback.
        let head = "FFFE 0018 000102 05"
        // A run of 2 with small deltas; a run of 3 lost; narrow, 14 symbols, the first and the last came; wide, a small
        // and a large delta, then lost: only 5 of its 7 are told.
        let chunks = "2002 0003 A001 D800"
        // 1 ms, 2 ms, 1 ms, 63.75 ms, 4 ms, -2 ms.
        let deltas = "04 08 04 FF 10 FFF8"
        let bytes = hex(head + chunks + deltas)
        let found = try #require(statuses(bytes))
        #expect(found.count == 24)
        let came = found.filter { $0.arrival != nil }
        #expect(came.map(\.number) == [65534, 65535, 3, 16, 17, 18])
        #expect(came.map { $0.arrival?.milliseconds } == [1, 3, 4, 67.75, 71.75, 69.75])
        bytes.withUnsafeBytes {
            let feedback = TransportFeedback($0)
            #expect(feedback?.referenceTime == 258 && feedback?.feedbackNumber == 5 && feedback?.baseNumber == 65534)
        }
    }

    @Test func `what a peer writes is read back`() throws {
        let arrivals: [Instant?] =
            [.milliseconds(1000), nil, .milliseconds(1001), nil, nil, .milliseconds(990)]
            + Array(repeating: nil, count: 9) + [.milliseconds(1300)]
        let found = try #require(statuses(FeedbackWriter.write(base: 100, arrivals)))
        #expect(found.count == arrivals.count && found[0].number == 100)
        // The reference time is 15 * 64 ms.
        #expect(found.map { $0.arrival.map { $0 + .milliseconds(960) } } == arrivals.map { $0.map { $0 - .zero } })
    }

    @Test(arguments: [
        "", "0000 0001 000000 00", "0000 0000 000000 00 2001 04",
        "0000 FFFF 000000 00 1FFF 1FFF 1FFF 1FFF 1FFF 1FFF 1FFF 1FFF 1FFF",
        "0000 0001 000000 00 2001", "0000 0002 000000 00 4002 0000 00", "0000 0001 000000 00 6001 0000",
        "0000 0001 000000 00 F000 0000", "0000 0005 000000 00 0000 0000 0000",
    ])
    func `what is cut off, empty, reserved or absurd is refused`(digits: String) {
        #expect(statuses(hex(digits)) == nil)
    }

    @Test func `random bytes never trap`() {
        var random = SeededGenerator(seed: 5)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            }
            if bytes.count > 4 { (bytes[2], bytes[3]) = (0, bytes[3] & 0x3F) }
            if let found = statuses(bytes) {
                accepted += 1
                #expect(found.count == Int(bytes[3]))
            }
        }
        #expect(accepted > 100)
    }
}
