import Glibc
import Media
import Mixer
import TestSupport
import Testing

/// Loss on a line of Opus with FEC: what is recovered, what is concealed, and what is heard of it.
@Suite struct LossTests {
    /// Something like speech: pulses of a moving pitch through two resonances, four syllables a second.
    private func speech(ticks: Int) -> [Float] {
        var numbers = SeededNumbers(state: 5)
        var phase = 0.0
        var resonators = [(700.0, 0.0, 0.0), (1_300.0, 0.0, 0.0)]
        return (0..<ticks * AudioBlock.count).map { index in
            let time = Double(index) / 48_000
            phase += (130 + 25 * sin(2 * Double.pi * 0.7 * time)) / 48_000
            var pulse = Double.random(in: -0.005...0.005, using: &numbers)
            if phase >= 1 {
                phase -= 1
                pulse += 1
            }
            var sum = 0.0
            for place in resonators.indices {
                let (frequency, y1, y2) = resonators[place]
                let radius = 0.995
                let y = pulse + 2 * radius * cos(2 * Double.pi * frequency / 48_000) * y1 - radius * radius * y2
                resonators[place] = (frequency, y, y1)
                sum += y
            }
            return Float(0.03 * sum * (0.55 + 0.45 * sin(2 * Double.pi * 4 * time)))
        }
    }

    /// Plays what the line left over as the jitter buffer has it played: FEC for a lost packet whose neighbour came,
    /// concealment for the others.
    private func play(loss: Double, usesFEC: Bool = true) throws -> (counters: AudioSourceCounters, heard: [Float]) {
        let ticks = 1_500
        let sound = speech(ticks: ticks)
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 32_000))
        encoder.setPacketLoss(Int(loss * 100))
        let packets = Packets.of(&encoder, ticks: ticks) {
            Array(sound[$0 * AudioBlock.count..<($0 + 1) * AudioBlock.count])
        }
        var numbers = SeededNumbers(state: 11)
        let isLost = packets.map { _ in Double.random(in: 0..<1, using: &numbers) < loss }
        var source = try AudioSource(codec: .opus)
        let storage = AudioBlockStorage(capacity: 1)
        var heard: [Float] = []
        for tick in 0..<ticks {
            if !isLost[tick] {
                packets[tick].withUnsafeBytes { source.play($0) }
            } else if usesFEC, tick + 1 < ticks, !isLost[tick + 1] {
                packets[tick + 1].withUnsafeBytes { source.recover(fromNext: $0, duration: AudioBlock.count) }
            } else {
                source.conceal(AudioBlock.count)
            }
            // The first block comes up short by nothing: each packet is a block.
            source.read(into: storage[0].buffer)
            heard += storage[0].buffer
        }
        return (source.counters, heard)
    }

    @Test func ofATenthLostNearlyAllIsRecovered() throws {
        let (counters, heard) = try play(loss: 0.1)
        let blocks = Double(counters.played) / 960
        let concealed = Double(counters.concealed) / 960 / blocks
        let recovered = Double(counters.recoveredSamples) / 960 / blocks
        // A hundredth has its neighbour lost too; the encoder adds nothing to packets of breath and of onsets.
        #expect(concealed < 0.03)
        #expect(abs(concealed + recovered - 0.1) < 0.03)
        let silent = stride(from: 48_000, to: heard.count - 960, by: 960).filter {
            Sound.peak(heard[$0..<$0 + 960]) == 0
        }
        #expect(silent.isEmpty)
        let plain = try play(loss: 0.1, usesFEC: false)
        #expect(plain.counters.recovered == 0)
        let clean = try play(loss: 0)
        #expect(clean.counters.concealed == 0)
    }

    @Test func aPacketWithoutRedundancyIsNotCountedAsRecovered() throws {
        // Expecting no loss, the encoder spends no bits on it.
        var encoder = try OpusEncoder(bitrate: Bitrate(bitsPerSecond: 32_000))
        encoder.setPacketLoss(0)
        let packets = Packets.of(&encoder, ticks: 20) { Sound.tone(317, amplitude: 0.3, tick: $0) }
        var source = try AudioSource(codec: .opus)
        for packet in packets { packet.withUnsafeBytes { source.play($0) } }
        packets[19].withUnsafeBytes { source.recover(fromNext: $0, duration: 960) }
        let counters = source.counters
        #expect(counters.recovered == 0)
        #expect(counters.concealed == 960)
        for garbage in [[UInt8](), [0x08], [0x0B, 0xFF], [0x0B, 0x3F, 1], [0xFF, 0xFF]] {
            let has = garbage.withUnsafeBytes { OpusDecoder.hasRedundancy($0) }
            #expect(!has)
        }
    }
}
