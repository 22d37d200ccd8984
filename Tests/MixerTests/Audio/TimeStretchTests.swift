import Glibc
import Mixer
import TestSupport
import Testing

@Suite struct TimeStretchTests {
    /// Passes sound through in blocks; `speed` says for each how fast, 1 for past the stretch.
    private func stretch(_ sound: [Float], speed: (_ block: Int) -> Float) throws -> (heard: [Float], change: Int) {
        var stretch = try TimeStretch()
        var heard: [Float] = []
        var change = 0
        var piece = [Float](repeating: 0, count: AudioBlock.count)
        func collect(_ stretch: inout TimeStretch) {
            while true {
                let count = stretch.read(into: &piece, room: piece.count)
                if count == 0 { break }
                heard += piece[..<count]
            }
        }
        func stop(_ stretch: inout TimeStretch) {
            guard stretch.isActive else { return }
            stretch.stop()
            collect(&stretch)
            change += stretch.change
        }
        for block in 0..<sound.count / AudioBlock.count {
            let samples = Array(sound[block * AudioBlock.count..<(block + 1) * AudioBlock.count])
            if speed(block) == 1 {
                stop(&stretch)
                heard += samples
            } else {
                stretch.start(speed: speed(block))
                stretch.write(samples, count: samples.count)
                collect(&stretch)
                let held = stretch.held
                #expect(held <= TimeStretch.longestHold)
            }
        }
        stop(&stretch)
        return (heard, change)
    }

    private func tone(_ frequency: Double, blocks: Int) -> [Float] {
        ToneProbe(frequency: frequency).tone(amplitude: 0.4, from: 0, count: blocks * AudioBlock.count)
    }

    @Test(arguments: [110.0, 317, 1_000, 2_500], [Float(1.15), 1.3, 0.85, 0.7])
    func aToneIsStretchedOnAndOffWithoutAClick(frequency: Double, speed: Float) throws {
        let sound = tone(frequency, blocks: 200)
        let (heard, change) = try stretch(sound) { $0 / 10 % 2 == 0 ? 1 : speed }
        #expect(Sound.largestStep(heard) < Sound.step(of: frequency, amplitude: 0.4) * 1.05)
        #expect(heard.count == sound.count + change)
        let wanted = Double(sound.count) / 2 * (1 / Double(speed) - 1)
        #expect(abs(Double(change) / wanted - 1) < 0.25)
        #expect(abs(ToneProbe(frequency: frequency).level(in: heard.suffix(9_600)) - -7.96) < 0.5)
    }

    @Test func aChirpIsStretchedWithoutAClick() throws {
        // 80 to 1000 Hz in four seconds: pitch never stands still.
        var phase = 0.0
        let sound = (0..<192_000).map { index -> Float in
            phase += 2 * Double.pi * (80 + 920 * Double(index) / 192_000) / 48_000
            return Float(0.4 * sin(phase))
        }
        for speed in [Float(1.15), 0.85] {
            let (heard, _) = try stretch(sound) { $0 / 7 % 2 == 0 ? 1 : speed }
            #expect(Sound.largestStep(heard) < Sound.step(of: 1_000, amplitude: 0.4) * 1.2)
        }
    }

    @Test func noSampleIsLostOrDoubledWhereNothingIsStretched() throws {
        // One block is less than it looks ahead in: it comes out as it went in.
        let sound = tone(317, blocks: 20)
        let (heard, change) = try stretch(sound) { $0 % 3 == 1 ? 1.15 : 1 }
        #expect(change == 0)
        #expect(heard.count == sound.count)
        #expect(Sound.signalToNoise(sound[...], heard[...]) > 80)
    }

    @Test func soundBeyondFullScaleIsKept() throws {
        let sound = tone(317, blocks: 40).map { $0 * 4 }
        let (heard, _) = try stretch(sound) { _ in 1.15 }
        #expect(abs(Sound.peak(heard) - 1.6) < 0.05)
    }
}
