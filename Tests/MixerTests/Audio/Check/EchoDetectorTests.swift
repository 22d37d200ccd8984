import Media
import Mixer
import TestSupport
import Testing

@Suite struct EchoDetectorTests {
    /// What is found after all of it was played.
    private func finding(sent: [Float], received: [Float]) -> EchoFinding {
        var detector = EchoDetector()
        let storage = AudioBlockStorage(capacity: 2)
        for start in stride(from: 0, through: sent.count - 960, by: 960) {
            _ = storage[0].buffer.update(from: sent[start..<start + 960])
            _ = storage[1].buffer.update(from: received[start..<start + 960])
            detector.take(sent: storage[0], received: storage[1])
        }
        return detector.finding
    }

    /// The room's noise: -65 dBov.
    private func room(_ count: Int) -> [Float] { Room.noise(count: count, level: -65) }

    @Test(arguments: [
        (60.0, Float(15)), (60, 25), (430, 20), (433, 25), (777, 20), (1_250, 25), (1_490, 20),
    ])
    func anEchoUnderATalkerInFiveSeconds(delay: Double, attenuation: Float) {
        for seed in UInt64(1)...3 {
            let sent = Talker.sound(seed: seed, seconds: 5)
            let echo = Room.echo(of: sent, delay: delay, attenuation: attenuation, seed: seed)
            let talker = Talker.sound(seed: seed + 50, seconds: 5, pitch: 190)
            let found = finding(sent: sent, received: Room.sum(echo, talker, room(sent.count)))
            #expect(found.state == .heard, "seed \(seed)")
            #expect(abs((found.delayMs ?? -1) - delay) < 10, "seed \(seed): \(found)")
            #expect(abs((found.attenuationDb ?? -1) - Double(attenuation)) < 3, "seed \(seed): \(found)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3]) func aFaintOneInTenSeconds(seed: UInt64) {
        let sent = Talker.sound(seed: seed, seconds: 10)
        let echo = Room.echo(of: sent, delay: 640, attenuation: 30, seed: seed)
        let talker = Talker.sound(seed: seed + 20, seconds: 10, pitch: 110)
        let found = finding(sent: sent, received: Room.sum(echo, talker, room(sent.count)))
        #expect(found.state == .heard)
        #expect(abs((found.delayMs ?? -1) - 640) < 10, "\(found)")
        #expect(abs((found.attenuationDb ?? -1) - 30) < 4, "\(found)")
    }

    @Test func aDelayThatSlipsWhileItIsLookedFor() {
        let sent = Talker.sound(seed: 7, seconds: 6)
        let before = Room.echo(of: sent, delay: 300, attenuation: 20)
        let after = Room.echo(of: sent, delay: 305, attenuation: 20)
        let half = sent.count / 2
        let found = finding(
            sent: sent, received: Room.sum(Array(before[..<half] + after[half...]), room(sent.count)))
        #expect(found.state == .heard)
        #expect(abs((found.delayMs ?? -1) - 302.5) < 10, "\(found)")
    }

    @Test(arguments: [Float(105), 120, 125, 200]) func twoTalkersAreNoEcho(pitch: Float) {
        for seed in UInt64(1)...6 {
            let sent = Talker.sound(seed: seed, seconds: 5)
            let talker = Talker.sound(seed: seed + 100, seconds: 5, pitch: pitch)
            let found = finding(sent: sent, received: Room.sum(talker, room(sent.count)))
            #expect(found.state == .none, "seed \(seed): \(found)")
            #expect(found.delayMs == nil && found.attenuationDb == nil)
        }
    }

    @Test func whatComesBackLaterThanIsLookedForIsNotTakenForAnother() {
        let sent = Talker.sound(seed: 3, seconds: 8)
        let echo = Room.echo(of: sent, delay: 2_100, attenuation: 10)
        #expect(finding(sent: sent, received: Room.sum(echo, room(sent.count))).state == .none)
    }

    @Test func theSameTonesAtBothEndsAreNoEcho() {
        let tone = ToneProbe(frequency: 1_000)
        let sent = Room.sum(tone.tone(amplitude: 0.1, count: 240_000), room(240_000))
        let shifted = tone.tone(amplitude: 0.05, from: 17, count: 240_000)
        #expect(finding(sent: sent, received: Room.sum(shifted, Talker.sound(seed: 4, seconds: 5))).state == .none)
        // One mains for all of the province.
        var hum = [Float](repeating: 0, count: 240_000)
        for harmonic in 1...20 {
            let wave = ToneProbe(frequency: 50 * Double(harmonic)).tone(amplitude: 0.02, count: hum.count)
            hum = Room.sum(hum, wave)
        }
        let humming = Room.sum(Talker.sound(seed: 5, seconds: 5), hum)
        #expect(
            finding(sent: humming, received: Room.sum(hum, Talker.sound(seed: 6, seconds: 5))).state == .none)
    }

    @Test func withNothingSentNobodyKnows() {
        let silence = [Float](repeating: 0, count: 240_000)
        let found = finding(sent: silence, received: Talker.sound(seed: 1, seconds: 5))
        #expect(found == EchoFinding(state: .unknown, sentSeconds: 0))
        let heard = finding(sent: Talker.sound(seed: 1, seconds: 5), received: silence)
        #expect(heard.state == .none)
        #expect(heard.sentSeconds > 3 && heard.sentSeconds <= 5)
    }
}
