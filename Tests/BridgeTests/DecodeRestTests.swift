import Bridge
import Media
import Testing

/// Which pictures of a site are decoded: 30 a second, a keyframe every two seconds.
@Suite struct DecodeRestTests {
    private struct Camera {
        var rest = DecodeRest()
        var frame = 0

        /// - Parameter keyframes: whether the site sends any by itself.
        mutating func send(_ seconds: Double, isWanted: Bool, keyframes: Bool = true) -> [DecodeRest.Verdict: Int] {
            var verdicts: [DecodeRest.Verdict: Int] = [:]
            for _ in 0..<Int(seconds * 30) {
                let isKeyframe = frame == 0 || keyframes && frame % 60 == 0
                let now = Instant.zero + .microseconds(frame * 33_333)
                verdicts[rest.take(isKeyframe: isKeyframe, isWanted: isWanted, at: now), default: 0] += 1
                frame += 1
            }
            return verdicts
        }
    }

    @Test func whatIsShownIsDecoded() {
        var camera = Camera()
        #expect(camera.send(60, isWanted: true) == [.decode: 1_800])
        #expect(!camera.rest.isResting)
    }

    @Test func whatNobodyLooksAtRestsAfterAWhile() {
        var camera = Camera()
        _ = camera.send(4, isWanted: true)
        #expect(camera.send(9, isWanted: false) == [.decode: 270])
        let resting = camera.send(21, isWanted: false)
        #expect(camera.rest.isResting && resting[.ask] == nil)
        #expect((30...50).contains(resting[.decode] ?? 0), "keyframes, and the rest of the patience: \(resting)")
    }

    @Test func aKeyframeIsAskedForWhenSomebodyLooksAgain() {
        var camera = Camera()
        _ = camera.send(20.5, isWanted: false, keyframes: false)
        let asking = camera.send(1, isWanted: true, keyframes: false)
        #expect(asking == [.ask: 30] && !camera.rest.isResting)
        // It comes.
        camera.frame = 660
        #expect(camera.send(1, isWanted: true) == [.decode: 30])
    }

    @Test func whoLooksForAMomentKeepsItAwake() {
        var camera = Camera()
        for _ in 0..<10 {
            #expect(camera.send(8, isWanted: false) == [.decode: 240])
            #expect(camera.send(0.1, isWanted: true) == [.decode: 3])
        }
    }
}
