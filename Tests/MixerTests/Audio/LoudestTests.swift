import Mixer
import TestSupport
import Testing

@Suite struct LoudestTests {
    private let tones = [310.0, 470, 730, 1_130, 1_710]

    @Test func aSteadyToneIsNeverGated() {
        var room = MixerRoom(sites: 2)
        room.run(500) { site, tick in site == 0 ? Sound.tone(440, amplitude: 0.003, tick: tick) : nil }
        let probe = ToneProbe(frequency: 440)
        for second in 1..<10 {
            let samples = room.heard[1][second * 48_000..<(second + 1) * 48_000]
            #expect(abs(probe.level(in: samples) - -50.46) < 0.1)
        }
    }

    @Test func aCoughCutsNobody() {
        var room = MixerRoom(sites: 6)
        room.run(200) { site, tick in
            switch site {
            case 0..<4: Sound.tone(tones[site], amplitude: 0.05, tick: tick)
            case 4: (100..<105).contains(tick) ? Sound.tone(tones[4], amplitude: 0.9, tick: tick) : nil
            default: nil
            }
        }
        #expect(ToneProbe(frequency: tones[4]).level(in: room.heard[5]) < -100)
        for site in 0..<4 {
            let probe = ToneProbe(frequency: tones[site])
            for tick in stride(from: 20, to: 190, by: 10) {
                let samples = room.heard[5][tick * Sound.block..<(tick + 10) * Sound.block]
                #expect(abs(probe.level(in: samples) - -26) < 0.3)
            }
        }
    }

    @Test func aLouderSpeakerGetsAPlaceInTime() {
        var room = MixerRoom(sites: 6)
        room.run(120) { site, tick in
            switch site {
            case 0..<4: Sound.tone(tones[site], amplitude: 0.04 + 0.01 * Float(site), tick: tick)
            case 4: tick >= 100 ? Sound.tone(tones[4], amplitude: 0.3, tick: tick) : nil
            default: nil
            }
        }
        let members = room.members
        #expect(members == [false, true, true, true, true, false], "the weakest made room")
        #expect(ToneProbe(frequency: tones[4]).level(in: room.last(8, heardBy: 5)) > -12)
    }

    @Test func aSlightlyLouderOneTakesNoPlace() {
        var room = MixerRoom(sites: 6)
        room.run(150) { site, tick in
            switch site {
            case 0..<4: Sound.tone(tones[site], amplitude: 0.1, tick: tick)
            case 4: tick >= 50 ? Sound.tone(tones[4], amplitude: 0.13, tick: tick) : nil
            default: nil
            }
        }
        let members = room.members
        #expect(members == [true, true, true, true, false, false])
    }

    @Test func aGapBetweenSyllablesKeepsThePlace() {
        var room = MixerRoom(sites: 6)
        room.run(300) { site, tick in
            switch site {
            case 0: Sound.tone(tones[0], amplitude: tick % 20 < 10 ? 0.1 : 0, tick: tick)
            case 1..<4: Sound.tone(tones[site], amplitude: 0.1, tick: tick)
            case 4: tick >= 50 ? Sound.tone(tones[4], amplitude: 0.02, tick: tick) : nil
            default: nil
            }
        }
        let members = room.members
        #expect(members == [true, true, true, true, false, false])
        #expect(ToneProbe(frequency: tones[4]).level(in: room.heard[5]) < -100)
    }

    @Test func aSmallerLimitDropsTheWeakest() {
        var room = MixerRoom(loudest: 4, sites: 4)
        let amplitudes: [Float] = [0.05, 0.2, 0.1, 0.15]
        room.run(20) { site, tick in Sound.tone(tones[site], amplitude: amplitudes[site], tick: tick) }
        room.mixer.setLoudest(2)
        room.run(5) { site, tick in Sound.tone(tones[site], amplitude: amplitudes[site], tick: tick) }
        let members = room.members
        #expect(members == [false, true, false, true])
    }

    @Test func levelsAreInDecibelsBelowOverload() {
        var room = MixerRoom(sites: 2)
        room.run(20) { site, tick in site == 0 ? Sound.tone(1_000, amplitude: 1, tick: tick) : nil }
        let level = room.mixer.level(room.sources[0])
        #expect(abs(level.current - -3.01) < 0.05)
        #expect(abs(level.peak - 1) < 0.001)
        #expect(level.wireLevel == 3)
        #expect(room.mixer.level(room.sources[1]).wireLevel == 127)
        room.run(10) { _, _ in nil }
        #expect(room.mixer.level(room.sources[0]).current == SoundLevel.silence)
        #expect(abs(room.mixer.level(room.sources[0]).smoothed - -9) < 0.2)
        #expect(abs(room.mixer.level(room.sources[0]).held - -3) < 0.1)
    }
}
