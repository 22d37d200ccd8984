import Media
import Mixer
import Testing

@Suite(.serialized) struct ScratchTiming {
    @Test func timing() {
        let sent = Talker.sound(seed: 1, seconds: 10)
        let got = Talker.sound(seed: 2, seconds: 10)
        var detector = EchoDetector()
        var check = SoundCheck()
        let storage = AudioBlockStorage(capacity: 2)
        let clock = ContinuousClock()
        var inDetector = Duration.zero
        var inCheck = Duration.zero
        var most = Duration.zero
        for start in stride(from: 0, through: sent.count - 960, by: 960) {
            _ = storage[0].buffer.update(from: sent[start..<start + 960])
            _ = storage[1].buffer.update(from: got[start..<start + 960])
            let one = clock.measure { detector.take(sent: storage[0], received: storage[1]) }
            inDetector += one
            most = max(most, one)
            inCheck += clock.measure { check.take(storage[1]) }
        }
        var found: EchoFinding?
        let finding = clock.measure { found = detector.finding }
        let f = clock.measure { _ = check.finding }
        print("SCRATCH detector/10s \(inDetector) most a tick \(most) finding \(finding) check/10s \(inCheck) \(f) \(found!)")
        for (delay, down) in [(60.0, Float(15)), (430, 20), (433, 25), (777, 20), (1250, 25), (1490, 20)] {
            for seed in UInt64(1)...3 {
                let sent = Talker.sound(seed: seed, seconds: 5)
                let echo = Room.echo(of: sent, delay: delay, attenuation: down, seed: seed)
                let talker = Talker.sound(seed: seed + 50, seconds: 5, pitch: 190)
                let all = Room.sum(echo, talker, Room.noise(count: sent.count, level: -65))
                var detector = EchoDetector()
                for start in stride(from: 0, through: sent.count - 960, by: 960) {
                    _ = storage[0].buffer.update(from: sent[start..<start + 960])
                    _ = storage[1].buffer.update(from: all[start..<start + 960])
                    detector.take(sent: storage[0], received: storage[1])
                }
                print("SCRATCH \(delay) \(down) \(detector.finding.delayMs ?? -1) \(detector.finding.attenuationDb ?? -1)")
            }
        }
    }
}
