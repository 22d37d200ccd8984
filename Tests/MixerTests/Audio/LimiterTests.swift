import Mixer
import TestSupport
import Testing

@Suite struct LimiterTests {
    private let ceiling: Float = 0.8913

    @Test func thirteenFullScaleSitesInPhase() {
        var room = MixerRoom(loudest: 13, sites: 14)
        room.run(100) { site, tick in site < 13 ? Sound.tone(300, amplitude: 1, tick: tick) : nil }
        for site in [0, 12, 13] {
            #expect(Sound.peak(room.heard[site]) <= ceiling)
            // A sine of the ceiling's amplitude moves by this much; coming down in a millisecond adds to it.
            #expect(Sound.largestStep(room.heard[site]) < Sound.step(of: 300, amplitude: 0.9) * 3)
            let settled = room.last(50, heardBy: site)
            #expect(Sound.largestStep(settled) < Sound.step(of: 300, amplitude: 0.8) * 1.05)
            let fundamental = ToneProbe(frequency: 300).level(in: settled)
            #expect(ToneProbe(frequency: 900).level(in: settled) < fundamental - 50, "it is not cut off")
        }
    }

    @Test func quietSoundIsUntouched() {
        var limiter = Limiter()
        let storage = AudioBlockStorage(capacity: 1)
        let tone = Sound.tone(440, amplitude: 0.79, tick: 0)
        _ = storage[0].buffer.update(from: tone)
        limiter.process(storage[0])
        #expect(Array(storage[0].buffer) == tone)
        #expect(limiter.gain == 1)
    }

    @Test func aBurstTurnsDownAndComesBack() {
        var limiter = Limiter()
        let storage = AudioBlockStorage(capacity: 1)
        var heard: [Float] = []
        for tick in 0..<150 {
            let amplitude: Float = (20..<25).contains(tick) ? 5 : 0.5
            _ = storage[0].buffer.update(from: Sound.tone(440, amplitude: amplitude, tick: tick))
            limiter.process(storage[0])
            heard.append(contentsOf: storage[0].buffer)
        }
        #expect(Sound.peak(heard) <= ceiling)
        #expect(Sound.peak(heard[26 * 960..<27 * 960]) < 0.15)
        #expect(limiter.gain == 1)
        // A fifth of a second takes it most of the way only from where it is near.
        #expect(abs(Sound.peak(heard.suffix(9_600)) - 0.5) < 0.001)
    }

    @Test(arguments: [UInt64(1), 2, 3]) func noiseOfAnyLoudnessStaysBelowTheCeiling(seed: UInt64) {
        var numbers = SeededNumbers(state: seed)
        var limiter = Limiter()
        let storage = AudioBlockStorage(capacity: 1)
        for _ in 0..<300 {
            let loudness = Float.random(in: 0...100, using: &numbers) * (Bool.random(using: &numbers) ? 1 : 0.001)
            for i in 0..<960 { storage[0].samples[i] = Float.random(in: -loudness...loudness, using: &numbers) }
            limiter.process(storage[0])
            #expect(Sound.peak(storage[0].buffer) <= ceiling)
            #expect(limiter.gain > 0 && limiter.gain <= 1)
        }
    }

    @Test func whatIsNoNumberIsSilence() {
        var room = MixerRoom(sites: 3)
        room.run(20) { site, tick in
            var samples = Sound.tone(site == 0 ? 440 : 1_000, tick: tick)
            guard site < 2 else { return nil }
            if site == 1 {
                samples[3] = .nan
                samples[100] = .infinity
                samples[500] = -.infinity
                samples[700] = -.signalingNaN
                if tick == 3 { samples[800] = 3e38 }
            }
            return samples
        }
        for site in 0..<3 {
            #expect(room.heard[site].allSatisfy { $0.isFinite && abs($0) <= ceiling })
        }
        #expect(ToneProbe(frequency: 1_000).level(in: room.last(10, heardBy: 2)) > -35)
        room.run(100) { site, tick in site == 0 ? Sound.tone(440, tick: tick) : nil }
        #expect(abs(ToneProbe(frequency: 440).level(in: room.last(10, heardBy: 2)) - -20) < 0.1, "nothing sticks")
    }
}
