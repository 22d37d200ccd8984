import Media
import Mixer
import TestSupport
import Testing

@Suite struct AudioSourceTests {
    // No whole number of periods in a block: a cut at its edge is in the middle of a swing.
    private let frequency = 317.0
    private var step: Float { Sound.step(of: frequency, amplitude: 0.3) }

    private func tonePackets(_ codec: AudioCodec, _ count: Int) throws -> [[UInt8]] {
        try Packets.of(codec: codec, ticks: count) { Sound.tone(frequency, amplitude: 0.3, tick: $0) }
    }

    private func read(_ source: inout AudioSource) -> [Float] {
        let storage = AudioBlockStorage(capacity: 1)
        source.read(into: storage[0].buffer)
        return Array(storage[0].buffer)
    }

    @Test(arguments: [120, 240, 480, 960, 1_920, 2_880]) func packetsOfAnyLengthBecomeBlocks(duration: Int) throws {
        var source = try AudioSource(codec: .opus)
        let encoder = try #require(ReferenceOpusEncoder())
        let probe = ToneProbe(frequency: frequency)
        var heard: [Float] = []
        var sent = 0
        for _ in 0..<60 {
            while source.isShort {
                let packet = encoder.encode(probe.tone(amplitude: 0.3, from: sent, count: duration))
                packet.withUnsafeBytes { source.play($0) }
                sent += duration
            }
            heard += read(&source)
        }
        #expect(source.counters.concealed == 0)
        #expect(sent - heard.count < 2_880)
        #expect(abs(probe.level(in: heard.suffix(24_000)) - -10.46) < 0.5)
        #expect(Sound.largestStep(heard) < step * 1.3)
    }

    @Test(arguments: [AudioCodec.opus, .pcma, .g722]) func aLongLossFadesAndComesBackWithoutAClick(codec: AudioCodec)
        throws
    {
        var source = try AudioSource(codec: codec)
        let packets = try tonePackets(codec, 80)
        var heard: [Float] = []
        for (tick, packet) in packets.enumerated() {
            if (30..<50).contains(tick) { source.conceal(960) } else { packet.withUnsafeBytes { source.play($0) } }
            heard += read(&source)
        }
        #expect(Sound.largestStep(heard) < step * 2)
        #expect(Sound.peak(heard[30 * 960..<31 * 960]) > 0.2, "a short loss is bridged")
        #expect(Sound.peak(heard[37 * 960..<50 * 960]) == 0, "a long one is given up")
        #expect(abs(ToneProbe(frequency: frequency).level(in: heard.suffix(24_000)) - -10.46) < 0.5)
        #expect(source.counters.concealed >= 5 * 960)
    }

    @Test func whatIsMissingIsConcealed() throws {
        var source = try AudioSource(codec: .opus)
        #expect(read(&source).allSatisfy { $0 == 0 }, "nothing has begun")
        for packet in try tonePackets(.opus, 10) {
            packet.withUnsafeBytes { source.play($0) }
            _ = read(&source)
        }
        let next = read(&source)
        #expect(Sound.peak(next) > 0.2)
        let concealed = source.counters.concealed
        #expect(concealed == 960)
    }

    @Test(arguments: [AudioCodec.opus, .pcmu]) func skippingAPacketIsSmooth(codec: AudioCodec) throws {
        var source = try AudioSource(codec: codec)
        var heard: [Float] = []
        for (tick, packet) in try tonePackets(codec, 60).enumerated() {
            packet.withUnsafeBytes { tick % 20 == 10 ? source.skip($0) : source.play($0) }
            if !source.isShort { heard += read(&source) }
        }
        #expect(heard.count == 57 * 960)
        let skipped = source.counters.skipped
        #expect(skipped == 3 * 960)
        #expect(Sound.largestStep(heard) < step * 1.5)
    }

    @Test func restingIsSilentAndSmooth() throws {
        var source = try AudioSource(codec: .opus)
        var heard: [Float] = []
        for (tick, packet) in try tonePackets(.opus, 60).enumerated() {
            if (20..<40).contains(tick) { source.rest(960) } else { packet.withUnsafeBytes { source.play($0) } }
            heard += read(&source)
        }
        #expect(heard.count == 60 * 960)
        #expect(Sound.peak(heard[21 * 960..<40 * 960]) == 0)
        #expect(Sound.largestStep(heard) < step * 1.5)
    }

    @Test func packetsOfDTXAreTaken() throws {
        var source = try AudioSource(codec: .opus)
        let encoder = try #require(ReferenceOpusEncoder(isDiscontinuous: true))
        var shortest = Int.max
        for tick in 0..<120 {
            let isSpeaking = tick < 40 || tick >= 100
            let packet = encoder.encode(
                isSpeaking ? Sound.tone(frequency, amplitude: 0.3, tick: tick) : [Float](repeating: 0, count: 960))
            shortest = min(shortest, packet.count)
            packet.withUnsafeBytes { source.play($0) }
            _ = read(&source)
        }
        #expect(shortest <= 2, "there was DTX")
        for empty in [UnsafeRawBufferPointer(start: nil, count: 0)] { source.play(empty) }
        let refused = source.counters.refused
        #expect(refused == 0)
    }

    @Test func aBadPacketIsConcealedAndCounted() throws {
        var source = try AudioSource(codec: .opus)
        for packet in try tonePackets(.opus, 10) {
            packet.withUnsafeBytes { source.play($0) }
            _ = read(&source)
        }
        // Code 3 with 63 frames in it: more than 120 ms.
        [UInt8](arrayLiteral: 0xFF, 0x3F, 1, 2).withUnsafeBytes { source.play($0) }
        let counters = source.counters
        #expect(counters.refused == 1)
        #expect(counters.concealed == 960)
        #expect(Sound.peak(read(&source)) > 0.2)
    }

    @Test func theCodecChangesInACall() throws {
        var source = try AudioSource(codec: .opus)
        var heard: [Float] = []
        for packet in try tonePackets(.opus, 30) {
            packet.withUnsafeBytes { source.play($0) }
            heard += read(&source)
        }
        try source.change(to: .pcma)
        for packet in try tonePackets(.pcma, 30) {
            packet.withUnsafeBytes { source.play($0) }
            heard += read(&source)
        }
        #expect(Sound.largestStep(heard) < step * 1.5)
        #expect(abs(ToneProbe(frequency: frequency).level(in: heard.suffix(24_000)) - -10.46) < 0.5)
    }

    @Test(arguments: [AudioCodec.opus, .pcma]) func thePaceChangesWithoutAClick(codec: AudioCodec) throws {
        var source = try AudioSource(codec: codec)
        var heard: [Float] = []
        var taken = 0
        let packets = try tonePackets(codec, 900)
        for block in 0..<600 {
            let speed = [Float(1), 1.15, 1, 0.85, 1.3, 0.7][block / 25 % 6]
            source.setPace(speed: speed, correction: [0, 400, -400][block / 10 % 3])
            while source.isShort {
                packets[taken].withUnsafeBytes { source.play($0) }
                taken += 1
            }
            let buffered = source.buffered
            #expect(buffered < 5_000)
            heard += read(&source)
        }
        source.release()
        let counters = source.counters
        #expect(counters.concealed == 0)
        #expect(counters.inserted > 10_000 && counters.removed > 10_000)
        // What went in is what was heard, but for what the stretch and the drift correction say.
        let difference = taken * 960 + counters.inserted - counters.removed - heard.count - source.buffered
        #expect(abs(difference) < 60)
        #expect(Sound.largestStep(heard) < step * 1.3)
        #expect(abs(ToneProbe(frequency: frequency).level(in: heard.suffix(20_000)) - -10.46) < 0.7)
    }

    @Test func whatTheStretchHoldsBackIsPlayedBeforeAnythingIsInvented() throws {
        var source = try AudioSource(codec: .opus)
        for packet in try tonePackets(.opus, 10) {
            packet.withUnsafeBytes { source.play($0) }
            _ = read(&source)
        }
        source.setPace(speed: 0.85, correction: 0)
        for packet in try tonePackets(.opus, 1) { packet.withUnsafeBytes { source.play($0) } }
        let (isShort, buffered) = (source.isShort, source.buffered)
        #expect(isShort)
        #expect(abs(buffered - 960) < 20)
        let hadSome = source.release()
        #expect(hadSome)
        let isShortStill = source.isShort
        #expect(!isShortStill)
        _ = read(&source)
        let concealed = source.counters.concealed
        #expect(concealed == 0)
        let hasMore = source.release()
        #expect(!hasMore)
        source.setPace(speed: 1.15, correction: 0)
        for packet in try tonePackets(.opus, 1) { packet.withUnsafeBytes { source.play($0) } }
        _ = read(&source)
        let concealedLater = source.counters.concealed
        #expect(concealedLater < 40)
    }

    @Test func thePlayoutBufferPushesOutTheOldest() {
        var buffer = PlayoutBuffer()
        let samples = (0..<20_000).map { Float($0) }
        samples.withUnsafeBufferPointer { buffer.write($0.baseAddress!, count: 10_000) }
        samples.withUnsafeBufferPointer { buffer.write($0.baseAddress!, count: 10_000) }
        let count = buffer.count
        let dropped = buffer.dropped
        #expect(count == PlayoutBuffer.capacity)
        #expect(dropped == 20_000 - PlayoutBuffer.capacity)
        var first = [Float](repeating: 0, count: 4)
        let read = buffer.read(4, into: &first)
        #expect(read == 4)
        #expect(first == (0..<4).map { Float(dropped + $0) })
    }
}
