import Glibc
import Media
import Mixer
import TestSupport
import Testing

@Suite struct CodecTests {
    @Test(arguments: [AudioCodec.opus, .pcmu, .pcma, .g722]) func aToneComesThrough(codec: AudioCodec) throws {
        var decoder = try AudioDecoder(codec)
        let packets = try Packets.of(codec: codec, ticks: 50) { Sound.tone(440, amplitude: 0.3, tick: $0) }
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        var heard: [Float] = []
        for packet in packets {
            let result = packet.withUnsafeBytes { decoder.decode($0, into: samples) }
            #expect(result == .samples(960), "always whole, also the first")
            heard.append(contentsOf: samples.prefix(960))
        }
        #expect(abs(ToneProbe(frequency: 440).level(in: heard.suffix(24_000)) - -10.46) < 0.5)
        #expect(ToneProbe(frequency: 1_320).level(in: heard.suffix(24_000)) < -45)
        if codec != .opus { #expect(packets.allSatisfy { $0.count == 160 }) }
    }

    @Test(arguments: [120, 240, 480, 960, 1_920, 2_880], [1, 2])
    func opusPacketsOfAnyLengthAndBothChannels(duration: Int, channels: Int) throws {
        var decoder = try OpusDecoder()
        let encoder = try #require(ReferenceOpusEncoder(channels: channels))
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        var heard: [Float] = []
        let probe = ToneProbe(frequency: 440)
        for index in 0..<(48_000 / duration) {
            let tone = probe.tone(amplitude: 0.3, from: index * duration, count: duration)
            let packet = encoder.encode(channels == 1 ? tone : tone.flatMap { [$0, $0] })
            let result = packet.withUnsafeBytes { decoder.decode($0, into: samples) }
            #expect(result == .samples(duration))
            heard.append(contentsOf: samples.prefix(duration))
        }
        #expect(abs(probe.level(in: heard.suffix(24_000)) - -10.46) < 0.5)
    }

    @Test func fecBringsTheLostPacketBack() throws {
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 24_000))
        encoder.setPacketLoss(20)
        // Each packet has a tone of its own, so that only FEC, not concealment, can know the lost one's.
        let lost = 30
        let packets = Packets.of(&encoder, ticks: 40) {
            Sound.tone($0 == lost ? 900 : 350, amplitude: 0.3, tick: $0)
        }
        func heardInPlaceOfLost(usesFEC: Bool) throws -> Double {
            var decoder = try OpusDecoder()
            let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
            defer { samples.deallocate() }
            var heard: [Float] = []
            for (index, packet) in packets.enumerated() where index != lost {
                if index == lost + 1 {
                    let result =
                        usesFEC
                        ? packet.withUnsafeBytes { decoder.recover(fromNext: $0, duration: 960, into: samples) }
                        : decoder.conceal(960, into: samples)
                    #expect(result == .samples(960))
                    heard.append(contentsOf: samples.prefix(960))
                }
                _ = packet.withUnsafeBytes { decoder.decode($0, into: samples) }
                heard.append(contentsOf: samples.prefix(960))
            }
            return ToneProbe(frequency: 900).level(in: heard[lost * 960..<(lost + 2) * 960])
        }
        let recovered = try heardInPlaceOfLost(usesFEC: true)
        let concealed = try heardInPlaceOfLost(usesFEC: false)
        #expect(recovered > -25)
        #expect(concealed < recovered - 10)
    }

    @Test(arguments: [AudioCodec.opus, .pcmu, .pcma, .g722]) func garbageNeverTraps(codec: AudioCodec) throws {
        var decoder = try AudioDecoder(codec)
        var numbers = SeededNumbers(state: 7)
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        for _ in 0..<3_000 {
            let packet = (0..<Int.random(in: 0...1_500, using: &numbers)).map { _ in
                UInt8.random(in: 0...255, using: &numbers)
            }
            let result = packet.withUnsafeBytes { bytes in
                if Bool.random(using: &numbers) { return decoder.decode(bytes, into: samples) }
                let duration = Int.random(in: -9...9_999, using: &numbers)
                return decoder.recover(fromNext: bytes, duration: duration, into: samples)
            }
            if case .samples(let count) = result { #expect(count <= samples.count) }
        }
        let little = UnsafeMutableBufferPointer(rebasing: samples[..<100])
        for size in [1, 160, 1_500] {
            let packet = [UInt8](repeating: 0x08, count: size)
            if case .samples(let count) = packet.withUnsafeBytes({ decoder.decode($0, into: little) }) {
                #expect(count <= 100)
            }
        }
    }

    @Test func anIndependentPacketDecodesAlone() throws {
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 48_000))
        _ = Packets.of(&encoder, ticks: 50) { Sound.tone(440, amplitude: 0.3, tick: $0) }
        encoder.nextFrameIndependent()
        let packets = Packets.of(&encoder, ticks: 10, from: 50) { Sound.tone(440, amplitude: 0.3, tick: $0) }
        var decoder = try OpusDecoder()
        let samples = UnsafeMutableBufferPointer<Float>.allocate(capacity: OpusDecoder.longestPacket)
        defer { samples.deallocate() }
        var heard: [Float] = []
        for packet in packets {
            _ = packet.withUnsafeBytes { decoder.decode($0, into: samples) }
            heard.append(contentsOf: samples.prefix(960))
        }
        #expect(ToneProbe(frequency: 440).level(in: heard[960..<4_800]) > -12)
    }
}
