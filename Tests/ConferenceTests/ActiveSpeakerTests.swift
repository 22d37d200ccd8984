import Conference
import Media
import Testing

/// Feeds levels tick by tick.
private struct Talk {
    var voices = ActiveSpeaker()
    var now = Instant.zero
    private var levels: [Float]

    init(_ count: Int) {
        levels = [Float](repeating: ActiveSpeaker.silence, count: count)
        voices.setSites((1...count).map(SiteID.number))
    }

    /// Sites by number at levels in dBov, the others silent, for so long.
    mutating func hear(_ heard: [Int: Float], milliseconds: Int) {
        for index in levels.indices { levels[index] = heard[index + 1] ?? ActiveSpeaker.silence }
        let levels = levels
        for _ in 0..<milliseconds / 20 {
            voices.handle(levels.span, at: now)
            now += ActiveSpeaker.tick
        }
    }

    var active: SiteID? { voices.activeSpeaker }
}

@Suite struct ActiveSpeakers {
    @Test func nobodyBeforeAnybodySpeaks() {
        var talk = Talk(3)
        talk.hear([:], milliseconds: 2_000)
        #expect(talk.active == nil && talk.voices.previousSpeaker == nil)
    }

    @Test(arguments: [Float(-6), -20, -35])
    func aSteadyToneIsASpeaker(level: Float) {
        var talk = Talk(3)
        talk.hear([2: level], milliseconds: 300)
        #expect(talk.active == nil)
        talk.hear([2: level], milliseconds: 60)
        #expect(talk.active == .number(2))
        // And does not fade into the background.
        talk.hear([2: level], milliseconds: 60_000)
        #expect(talk.voices.isSpeaking(1))
    }

    @Test func aCoughMovesNothing() {
        var talk = Talk(2)
        talk.hear([1: -25], milliseconds: 3_000)
        talk.hear([:], milliseconds: 1_000)
        talk.hear([2: -10], milliseconds: 200)
        talk.hear([:], milliseconds: 2_000)
        #expect(talk.active == .number(1))
        for _ in 0..<10 {
            talk.hear([1: -25], milliseconds: 800)
            talk.hear([1: -25, 2: -5], milliseconds: 200)
        }
        #expect(talk.active == .number(1))
    }

    @Test func afterSilenceTheNextOneFollowsAtOnce() {
        var talk = Talk(3)
        talk.hear([1: -20], milliseconds: 600)
        #expect(talk.active == .number(1))
        talk.hear([:], milliseconds: 520)
        talk.hear([3: -30], milliseconds: 340)
        #expect(talk.active == .number(3))
        #expect(talk.voices.previousSpeaker == .number(1))
    }

    @Test func whoSpeaksIsHeldForTwoSeconds() {
        var talk = Talk(2)
        talk.hear([1: -30], milliseconds: 400)
        talk.hear([1: -30, 2: -15], milliseconds: 1_800)
        #expect(talk.active == .number(1))
        talk.hear([1: -30, 2: -15], milliseconds: 400)
        #expect(talk.active == .number(2))
        #expect(talk.voices.speakers == [.number(2), .number(1)])
    }

    @Test func anEquallyLoudOneDoesNotFollow() {
        var talk = Talk(9)
        let all = Dictionary(uniqueKeysWithValues: (1...9).map { ($0, Float(-20)) })
        talk.hear(all, milliseconds: 20_000)
        #expect(talk.active == .number(1))
        #expect((0..<9).allSatisfy { talk.voices.isSpeaking($0) })
        talk.hear(all.merging([5: -18]) { $1 }, milliseconds: 5_000)
        #expect(talk.active == .number(1))
        talk.hear(all.merging([5: -15]) { $1 }, milliseconds: 1_500)
        #expect(talk.active == .number(5))
    }

    @Test func speechWithPausesIsHeldAgainstSpeechWithPauses() {
        var talk = Talk(2)
        var random = Seeded(7)
        var switches = 0
        var last: SiteID?
        // Syllables of 60 to 180 ms with gaps of 40 to 120 ms; the second site is as loud.
        for _ in 0..<200 {
            let first = Float.random(in: -26 ... -20, using: &random)
            let second = Float.random(in: -26 ... -20, using: &random)
            talk.hear([1: first, 2: second], milliseconds: 20 * Int.random(in: 3...9, using: &random))
            talk.hear([:], milliseconds: 20 * Int.random(in: 2...6, using: &random))
            if talk.active != last { switches += 1 }
            last = talk.active
        }
        #expect(switches == 1)
    }

    @Test func aNoisyRoomIsNoSpeaker() {
        var talk = Talk(2)
        talk.hear([1: -50], milliseconds: 10_000)
        #expect(!talk.voices.isSpeaking(0))
        talk.hear([1: -50, 2: -38], milliseconds: 1_000)
        #expect(talk.active == .number(2))
    }

    @Test func borderComesQuicklyAndGoesSlowly() {
        var talk = Talk(1)
        talk.hear([1: -20], milliseconds: 80)
        #expect(!talk.voices.isSpeaking(0))
        talk.hear([1: -20], milliseconds: 20)
        #expect(talk.voices.isSpeaking(0))
        talk.hear([:], milliseconds: 580)
        #expect(talk.voices.isSpeaking(0))
        talk.hear([:], milliseconds: 20)
        #expect(!talk.voices.isSpeaking(0))
    }

    @Test func mutedSitesAreNeverHeard() {
        var talk = Talk(2)
        talk.voices.setMuted(true, at: 0)
        talk.hear([1: -10], milliseconds: 3_000)
        #expect(talk.active == nil && !talk.voices.isSpeaking(0))
        talk.voices.setMuted(false, at: 0)
        talk.hear([1: -10], milliseconds: 500)
        #expect(talk.active == .number(1))
        talk.voices.setMuted(true, at: 0)
        #expect(!talk.voices.isSpeaking(0))
        talk.hear([1: -10, 2: -40 + 2], milliseconds: 400)
        #expect(talk.active == .number(2))
    }

    @Test func strangeLevelsAndTimesDoNoHarm() {
        var voices = ActiveSpeaker()
        voices.setSites([.number(1), .number(2)])
        let strange: [[Float]] = [
            [.nan, .infinity], [-.infinity, 1e30], [.nan], [], [-20, -20, -20],
            [.signalingNaN, -.greatestFiniteMagnitude],
        ]
        let times: [Int64] = [0, .max, .min, 20_000_000, -1, 5]
        for time in times {
            for levels in strange { voices.handle(levels.span, at: Instant(nanoseconds: time / 4)) }
        }
        var now = Instant(nanoseconds: .max / 2)
        let silence: [Float] = [ActiveSpeaker.silence, -10]
        for _ in 0..<300 {
            voices.handle(silence.span, at: now)
            now += ActiveSpeaker.tick
        }
        #expect(voices.activeSpeaker == .number(2))
    }

    @Test func missingTicksAreSilence() {
        var voices = ActiveSpeaker()
        voices.setSites([.number(1)])
        let loud: [Float] = [-10]
        // Heard in one tick of four only: that is no speech.
        for index in 0..<100 { voices.handle(loud.span, at: .at(milliseconds: 80 * index)) }
        #expect(voices.activeSpeaker == nil)
    }

    @Test func sitesComeAndGo() {
        var talk = Talk(3)
        talk.hear([1: -20], milliseconds: 400)
        talk.hear([:], milliseconds: 600)
        talk.hear([3: -20], milliseconds: 400)
        #expect(talk.voices.speakers == [.number(3), .number(1)])
        talk.voices.setSites([.number(1), .number(2)])
        #expect(talk.voices.speakers == [.number(1)])
    }
}
