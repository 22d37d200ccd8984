import Glibc
import Media
import Mixer
import TestSupport
import Testing

@Suite struct SoundCheckTests {
    private func finding(_ sound: [Float]) -> SoundFinding {
        var check = SoundCheck()
        let storage = AudioBlockStorage(capacity: 1)
        for start in stride(from: 0, through: sound.count - 960, by: 960) {
            _ = storage[0].buffer.update(from: sound[start..<start + 960])
            check.take(storage[0])
        }
        return check.finding
    }

    private func tone(_ frequency: Double, _ amplitude: Float, seconds: Int = 5) -> [Float] {
        ToneProbe(frequency: frequency).tone(amplitude: amplitude, count: seconds * 48_000)
    }

    /// A talker in a quiet room.
    private func talker(_ seed: UInt64, pitch: Float = 120, level: Float = -23) -> [Float] {
        let sound = Talker.sound(seed: seed, seconds: 5, pitch: pitch, level: level)
        return Room.sum(sound, Room.noise(count: sound.count, level: -62))
    }

    @Test(arguments: [UInt64(1), 2, 3, 4]) func aTalkerInAQuietRoomIsGood(seed: UInt64) {
        // The pitch of a low voice, and its double, cross the tones of the mains.
        for pitch in [Float(98), 120, 150, 200] {
            let found = finding(talker(seed, pitch: pitch))
            #expect(found.seconds == 5)
            #expect(abs(found.meanDbov - -23) < 0.5, "\(found.meanDbov)")
            #expect(abs(found.noiseFloorDbov - -62) <= 1, "\(found.noiseFloorDbov)")
            #expect(found.peakDbov > -15 && found.peakDbov < 0)
            #expect(found.zeroShare == 0 && found.silentShare == 0 && found.clippedShare == 0)
            #expect(abs(found.offset) < 0.005)
            #expect(found.hum == nil, "\(pitch) Hz: \(found)")
        }
    }

    @Test func nothingIsKnownOfNothing() {
        #expect(SoundCheck().finding == SoundFinding())
        #expect(SoundCheck().finding.seconds == 0)
    }

    @Test func zerosAreToldFromASilentRoom() {
        let zeros = finding([Float](repeating: 0, count: 240_000))
        #expect(zeros.zeroShare == 1 && zeros.silentShare == 1)
        #expect(zeros.meanDbov == -127 && zeros.peakDbov == -127 && zeros.noiseFloorDbov == -127)
        let room = finding(Room.noise(count: 240_000, level: -72))
        #expect(room.zeroShare == 0 && room.silentShare == 1)
        #expect(abs(room.meanDbov - -72) < 0.2)
        let broken = finding([Float](repeating: .nan, count: 48_000))
        #expect(broken.zeroShare == 1 && broken.offset == 0)
    }

    @Test func aConstantIsNoSound() {
        let constant = finding([Float](repeating: 0.1, count: 240_000))
        #expect(abs(constant.offset - 0.1) < 1e-4)
        #expect(constant.silentShare == 1 && constant.meanDbov == -127)
        let both = finding(Room.sum(talker(1), [Float](repeating: -0.05, count: 240_000)))
        #expect(abs(both.offset - -0.05) < 0.003)
        #expect(abs(both.meanDbov - -23) < 0.5)
    }

    @Test func whatIsCutOffAtFullScale() {
        let loud = talker(2, level: -8).map { min(1, max(-1, $0)) }
        #expect(finding(loud).clippedShare > 0.005)
        #expect(finding(loud).peakDbov > -0.1)
        #expect(finding(talker(2, level: -20)).clippedShare == 0)
        // Samples over full scale come from codecs: they are cut off no less.
        #expect(finding(talker(2, level: -8)).clippedShare > 0.004)
    }

    @Test func whatWasCutOffBeforeItWasTurnedDown() {
        let cut = talker(3, level: -12).map { min(0.3, max(-0.3, $0)) }
        #expect(finding(cut).clippedShare > 0.005)
        // Low tones are flat at their tops too.
        for frequency in [20.0, 50, 100, 1_000] { #expect(finding(tone(frequency, 0.9)).clippedShare == 0) }
    }

    @Test(arguments: [(50, -45.0), (60, -50)]) func humUnderATalker(mains: Int, level: Double) {
        let amplitude = powf(10, Float(level) / 20) * Float(2).squareRoot()
        for harmonic in 1...3 {
            let found = finding(Room.sum(talker(4), tone(Double(mains * harmonic), amplitude)))
            #expect(found.hum?.mainsHz == mains, "harmonic \(harmonic)")
            #expect(abs((found.hum?.levelDbov ?? 0) - level) < 3, "\(found)")
        }
        // The mains are rarely at their frequency to the tenth.
        let off = finding(Room.sum(talker(4), tone(Double(mains) + 0.2, amplitude)))
        #expect(off.hum?.mainsHz == mains)
    }

    @Test func faintHumInAQuietRoom() {
        let sound = Room.sum(tone(150, 0.0018), Room.noise(count: 240_000, level: -62))
        #expect(finding(sound).hum?.mainsHz == 50)
        #expect(abs((finding(sound).hum?.levelDbov ?? 0) - -58) < 1)
    }

    @Test func humThatComesAndGoesIsNone() {
        var sound = tone(50, 0.02)
        for i in 96_000..<192_000 { sound[i] = 0 }
        #expect(finding(Room.sum(talker(5), sound)).hum == nil)
        #expect(finding(Room.noise(count: 240_000, level: -30)).hum == nil)
        #expect(finding(Array(tone(50, 0.02).prefix(96_000))).hum == nil, "two seconds are too short")
    }
}
