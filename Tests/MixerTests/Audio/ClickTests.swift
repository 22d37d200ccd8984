import Mixer
import TestSupport
import Testing

/// Whatever is switched in the mix, no listener hears a step: the sound never moves faster than the sine itself does,
/// and a little for the ramp.
@Suite struct ClickTests {
    // No whole number of periods in a block: a cut at its edge is in the middle of a swing.
    private let frequency = 317.0
    private let amplitude: Float = 0.4

    private func bound(_ scale: Float = 1) -> Float {
        Sound.step(of: frequency, amplitude: amplitude * scale) * 1.05 + amplitude * scale / 960
    }

    private func sine(_ tick: Int) -> [Float] { Sound.tone(frequency, amplitude: amplitude, tick: tick) }

    @Test func muteAndUnmute() {
        var room = MixerRoom(sites: 2)
        for round in 0..<6 {
            room.mixer.setMuted(round % 2 == 1, source: room.sources[0])
            room.run(7) { site, tick in site == 0 ? sine(tick) : nil }
        }
        #expect(Sound.largestStep(room.heard[1]) < bound())
        #expect(Sound.peak(room.last(5, heardBy: 1)) == 0)
    }

    @Test func changeOfGain() {
        var room = MixerRoom(sites: 2)
        for gain in [0.0, -20, 6, -6, 0] {
            room.mixer.setGain(gain, source: room.sources[0])
            room.run(5) { site, tick in site == 0 ? sine(tick) : nil }
        }
        #expect(Sound.largestStep(room.heard[1]) < bound(2))
        room.mixer.setGain(-6.0206, source: room.sources[0])
        room.run(20) { site, tick in site == 0 ? sine(tick) : nil }
        #expect(abs(Sound.peak(room.last(10, heardBy: 1)) - amplitude / 2) < 0.001)
    }

    @Test func join() {
        var room = MixerRoom(sites: 2)
        room.run(3) { _, _ in nil }
        room.run(5) { site, tick in site == 0 ? Sound.tone(frequency, amplitude: amplitude / 2, tick: tick) : nil }
        let newcomer = room.addSite()
        room.run(5) { site, tick in
            site == 1 ? nil : Sound.tone(frequency, amplitude: amplitude / 2, tick: tick + (site == newcomer ? 7 : 0))
        }
        #expect(Sound.largestStep(room.heard[1]) < bound(1.1))
    }

    @Test func leave() {
        var room = MixerRoom(sites: 2)
        room.run(5) { site, tick in site == 0 ? Sound.tone(frequency, amplitude: amplitude, tick: tick) : nil }
        room.remove(0)
        room.mixer.mix()
        let last = Array(room.mixer.block(room.mixer.mix(of: room.listeners[1])).buffer)
        #expect(Sound.peak(last) > 0.3, "it fades")
        #expect(Sound.largestStep(room.heard[1].suffix(1) + last) < bound() * 1.1)
        #expect(abs(last[959]) < 0.01)
        room.mixer.mix()
        #expect(Sound.peak(room.mixer.block(room.mixer.mix(of: room.listeners[1])).buffer) == 0)
    }

    @Test func soundThatJustStops() {
        var room = MixerRoom(sites: 2)
        room.run(20) { site, tick in
            site == 0 && tick % 5 < 3 ? Sound.tone(frequency, amplitude: amplitude, tick: tick) : nil
        }
        #expect(Sound.largestStep(room.heard[1]) < bound() * 1.1)
    }

    @Test func speakerMovesToItsOwnMixAndBack() {
        var room = MixerRoom(sites: 3)
        // Site 1 speaks all the time; site 0 hears it, speaks itself, and is quiet again.
        room.run(300) { site, tick in
            switch site {
            case 0: (50..<100).contains(tick) ? Sound.tone(700, amplitude: 0.3, tick: tick) : nil
            case 1: sine(tick)
            default: nil
            }
        }
        #expect(Sound.largestStep(room.heard[0][960...]) < bound())
        #expect(ToneProbe(frequency: 700).level(in: room.heard[0]) < -90)
    }
}
