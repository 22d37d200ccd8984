import Media
import RTP
import Testing

@Suite struct OpusPacketTests {
    private func packet(_ bytes: [UInt8]) -> OpusPacket? { bytes.withUnsafeBytes { OpusPacket(parsing: $0) } }
    private func toc(_ configuration: Int, _ code: UInt8, stereo: Bool = false) -> UInt8 {
        UInt8(configuration << 3) | (stereo ? 4 : 0) | code
    }

    /// RFC 6716 table 2, in ticks of 48 kHz.
    @Test func `the configuration tells the length of a frame`() {
        let silk = [480, 960, 1920, 2880]
        let hybrid = [480, 960]
        let celt = [120, 240, 480, 960]
        let expected = silk + silk + silk + hybrid + hybrid + celt + celt + celt + celt
        for configuration in 0..<32 {
            #expect(packet([toc(configuration, 0), 1])?.samples == expected[configuration])
        }
        #expect(packet([toc(19, 0, stereo: true)])?.channels == 2)
        #expect(packet([toc(19, 0)])?.channels == 1)
    }

    @Test func `codes 0 to 3 tell the number of frames`() {
        #expect(packet([toc(19, 1), 1, 2])?.frameCount == 2)
        #expect(packet([toc(19, 2), 1, 9, 8])?.frameCount == 2)
        #expect(packet([toc(19, 3), 3, 1, 2, 3])?.samples == 2880)  // CBR
        #expect(packet([toc(19, 3), 0x83, 1, 0, 9, 8])?.frameCount == 3)  // VBR: 1, 0 and one byte
        #expect(packet([toc(19, 3), 0x41, 2, 9, 0, 0])?.frameCount == 1)  // two bytes of padding
        // 255 stands for 254 bytes of padding and one more length byte: 256 in all.
        let padded = [toc(19, 3), 0x42, 255, 2] + [UInt8](repeating: 0, count: 2 + 256)
        #expect(packet(padded)?.frameCount == 2)
        #expect(packet(padded.dropLast(1)) == nil, "one byte for two equal frames")
        #expect(packet([toc(16, 3), 48])?.samples == 5760)  // 48 frames of 2.5 ms, all empty
    }

    @Test func `what breaks a rule of RFC 6716 section 3-4 is refused`() {
        #expect(packet([]) == nil, "R1")
        #expect(packet([toc(19, 0)] + [UInt8](repeating: 0, count: 1276)) == nil, "R2")
        #expect(packet([toc(19, 1), 1, 2, 3]) == nil, "R3: two equal frames of three bytes")
        #expect(packet([toc(19, 2)]) == nil && packet([toc(19, 2), 5, 1]) == nil, "R4")
        #expect(packet([toc(19, 2), 252]) == nil, "R4: the second length byte is missing")
        #expect(packet([toc(19, 3)]) == nil && packet([toc(19, 3), 0]) == nil, "R5: no frame")
        #expect(packet([toc(19, 3), 7, 1, 2, 3, 4, 5, 6, 7]) == nil, "R5: 140 ms")
        #expect(packet([toc(19, 3), 2, 1, 2, 3]) == nil, "R6")
        #expect(packet([toc(19, 3), 0x41, 200, 1]) == nil, "R6: more padding than packet")
        #expect(packet([toc(19, 3), 0x41, 255]) == nil, "R6: padding length cut off")
        #expect(packet([toc(19, 3), 0x83, 5, 1]) == nil, "R7")
    }

    @Test func `random packets never trap, and never last above 120 ms`() {
        var generator = SeededGenerator(seed: 6716)
        for round in 0..<50_000 {
            let bytes = (0..<round % 40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            if let packet = packet(bytes) { #expect((120...OpusPacket.maximumSamples).contains(packet.samples)) }
        }
    }
}
