import Conference
import Media
import Testing

@Suite struct HealthAndAppearance {
    /// A site that sent a packet and a picture every 20 ms until then.
    private func sending(until end: Int) -> Health {
        var health = Health()
        for time in stride(from: 0, through: end, by: 20) {
            health.packet(at: .at(milliseconds: time))
            health.picture(at: .at(milliseconds: time))
        }
        return health
    }

    @Test(arguments: [
        (0, Appearance.live), (499, .live), (500, .dimmed), (1_999, .dimmed), (2_000, .slate(.noSignal)),
        (3_600_000, .slate(.noSignal)),
    ])
    func silence(milliseconds: Int, appearance: Appearance) {
        #expect(sending(until: 1_000).appearance(at: .at(milliseconds: 1_000 + milliseconds)) == appearance)
    }

    @Test(arguments: [
        (480, Appearance.live), (500, .faulty), (9_980, .faulty), (10_000, .slate(.badLine)),
        (60_000, .slate(.badLine)),
    ])
    func packetsWithoutAWholePicture(milliseconds: Int, appearance: Appearance) {
        var health = sending(until: 1_000)
        for time in stride(from: 1_020, through: 1_000 + milliseconds, by: 20) {
            health.packet(at: .at(milliseconds: time))
        }
        #expect(health.appearance(at: .at(milliseconds: 1_000 + milliseconds)) == appearance)
        health.picture(at: .at(milliseconds: 1_000 + milliseconds))
        #expect(health.appearance(at: .at(milliseconds: 1_000 + milliseconds)) == .live)
    }

    @Test func aSiteIsWaitedForAtFirstAndAfterAnOutage() {
        var health = Health()
        #expect(health.appearance(at: .at(milliseconds: 100_000)) == .slate(.waiting))
        health.packet(at: .at(milliseconds: 0))
        #expect(health.appearance(at: .at(milliseconds: 100)) == .slate(.waiting))
        health = sending(until: 1_000)
        health.packet(at: .at(milliseconds: 60_000))
        #expect(health.appearance(at: .at(milliseconds: 60_000)) == .slate(.waiting))
        health.picture(at: .at(milliseconds: 60_100))
        #expect(health.appearance(at: .at(milliseconds: 60_100)) == .live)
    }

    @Test func neverAWholePictureIsALineFault() {
        var health = Health()
        for time in stride(from: 0, through: 10_000, by: 500) { health.packet(at: .at(milliseconds: time)) }
        #expect(health.appearance(at: .at(milliseconds: 9_999)) == .slate(.waiting))
        #expect(health.appearance(at: .at(milliseconds: 10_000)) == .slate(.badLine))
    }

    @Test func goodbyeIsSaidAtOnceAndStragglersAreNoReturn() {
        var health = sending(until: 1_000)
        health.bye(at: .at(milliseconds: 1_000))
        #expect(health.appearance(at: .at(milliseconds: 1_000)) == .slate(.left))
        health.packet(at: .at(milliseconds: 1_100))
        #expect(health.appearance(at: .at(milliseconds: 1_100)) == .slate(.left))
        health.packet(at: .at(milliseconds: 1_600))
        #expect(health.appearance(at: .at(milliseconds: 1_600)) == .slate(.waiting))
        health.picture(at: .at(milliseconds: 1_620))
        #expect(health.appearance(at: .at(milliseconds: 1_620)) == .live)
    }

    @Test func eachReasonHasItsWords() {
        #expect(Set(SlateReason.allCases.map(\.words)).count == SlateReason.allCases.count)
        #expect(SlateReason.noSignal.words == "Không có tín hiệu · no signal")
    }
}
