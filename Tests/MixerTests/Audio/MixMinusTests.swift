import Mixer
import TestSupport
import Testing

@Suite struct MixMinusTests {
    private let tones = [310.0, 470, 730, 1_130, 1_710]

    @Test func everySiteHearsAllOthersAndNotItself() {
        var room = MixerRoom(loudest: 5, sites: 5)
        room.run(60) { site, tick in Sound.tone(tones[site], tick: tick) }
        for listener in 0..<5 {
            for site in 0..<5 {
                let level = ToneProbe(frequency: tones[site]).level(in: room.last(20, heardBy: listener))
                if site == listener {
                    #expect(level < -20 - 60)
                } else {
                    #expect(abs(level - -20) < 0.1)
                }
            }
        }
    }

    @Test func onlyTheLoudestFourAreHeard() {
        var room = MixerRoom(loudest: 4, sites: 7)
        let six = [310.0, 470, 730, 1_130, 1_710, 2_390]
        let amplitudes: [Float] = [0.2, 0.02, 0.15, 0.1, 0.01, 0.12]
        room.run(60) { site, tick in site < 6 ? Sound.tone(six[site], amplitude: amplitudes[site], tick: tick) : nil }
        for site in 0..<6 {
            let level = ToneProbe(frequency: six[site]).level(in: room.last(20, heardBy: 6))
            #expect((level > -25) == (amplitudes[site] > 0.05))
            #expect(amplitudes[site] > 0.05 || level < -100)
        }
    }

    @Test func silentListenersShareAMixAndSpeakersHaveTheirOwn() {
        var room = MixerRoom(sites: 10)
        room.run(10) { site, tick in site < 3 ? Sound.tone(tones[site], tick: tick) : nil }
        let mixes = room.listeners.map { room.mixer.mix(of: $0) }
        #expect(Set(mixes[3...]).count == 1)
        #expect(Set(mixes).count == 4)
        #expect((0..<room.mixer.mixCapacity).count { room.mixer.isLive(mix: $0) } == 4)
    }

    @Test func aPauseOfASecondMovesNobodyAndALongOneDoes() {
        var room = MixerRoom(sites: 3)
        room.run(10) { site, tick in site == 0 ? Sound.tone(310, tick: tick) : nil }
        let own = room.mixer.mix(of: room.listeners[0])
        let shared = room.mixer.mix(of: room.listeners[1])
        #expect(own != shared)
        room.run(90) { _, _ in nil }
        #expect(room.mixer.mix(of: room.listeners[0]) == own)
        room.run(40) { _, _ in nil }
        #expect(room.mixer.mix(of: room.listeners[0]) == shared)
    }

    @Test func programsTakeTheirOwnSources() {
        var mixer = AudioMixer()
        let sources = (0..<3).map { _ in mixer.addSource() }
        let room = mixer.addProgram(.all)
        let lecture = mixer.addProgram(.only([sources[1]]))
        let silence = mixer.addProgram(.none)
        let listeners = [room, lecture, silence].map { mixer.addListener(program: $0, source: nil) }
        var heard: [[Float]] = [[], [], []]
        for tick in 0..<40 {
            for (index, source) in sources.enumerated() {
                _ = mixer.input(source).update(from: Sound.tone(tones[index], tick: tick))
            }
            mixer.mix()
            for index in 0..<3 { heard[index].append(contentsOf: mixer.block(mixer.mix(of: listeners[index])).buffer) }
        }
        for index in 0..<3 {
            let levels = heard.map { ToneProbe(frequency: tones[index]).level(in: $0.suffix(9_600)) }
            #expect(abs(levels[0] - -20) < 0.1)
            #expect(index == 1 ? abs(levels[1] - -20) < 0.1 : levels[1] < -100)
            #expect(levels[2] < -190)
        }
        mixer.setRule(.only([sources[0]]), program: lecture)
        for tick in 40..<50 {
            for (index, source) in sources.enumerated() {
                _ = mixer.input(source).update(from: Sound.tone(tones[index], tick: tick))
            }
            mixer.mix()
        }
        let members = sources.map { mixer.contains($0, program: lecture) }
        #expect(members == [true, false, false])
    }

    @Test func indicesAreUsedAgain() {
        var mixer = AudioMixer()
        let program = mixer.addProgram()
        let first = mixer.addSource()
        let listener = mixer.addListener(program: program, source: first)
        mixer.removeSource(first)
        let second = mixer.addSource()
        #expect(second != first, "it is still fading out")
        mixer.mix()
        let third = mixer.addSource()
        #expect(third == first)
        mixer.removeListener(listener)
        let next = mixer.addListener(program: program, source: first)
        #expect(next == listener)
        for _ in 0..<50 {
            let other = mixer.addProgram()
            mixer.removeProgram(other)
        }
        mixer.mix()
        let isHeard = mixer.contains(first, program: program)
        #expect(!isHeard)
    }
}
