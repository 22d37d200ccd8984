import Bridge
import Media
import Mixer
import Testing

/// What a player's thread makes in bursts comes out evenly.
@Suite struct SoundQueueTests {
    /// How many of `ticks` brought a block, when bursts of `size` blocks come at the source's own pace.
    private func heard(bursts size: Int, ticks: Range<Int>) -> Int {
        let queue = SoundQueue()
        let storage = AudioBlockStorage(capacity: 1)
        var count = 0
        for tick in 0..<ticks.upperBound {
            if tick % size == 0 { for _ in 0..<size { queue.append(storage[0]) } }
            let isHeard = queue.take { _ in }
            if isHeard, ticks.contains(tick) { count += 1 }
        }
        return count
    }

    @Test(arguments: [1, 2, 5, 17]) func burstsAreHeardWithoutAHole(size: Int) {
        #expect(heard(bursts: size, ticks: 200..<1200) == 1000)
    }

    @Test func samplesComeInOrderAndTooMuchIsLeftOut() {
        let queue = SoundQueue()
        let storage = AudioBlockStorage(capacity: 1)
        #expect(!queue.take { _ in }, "nothing is there")
        for number in 0..<100 {
            storage[0].samples[0] = Float(number)
            queue.append(storage[0])
        }
        var last: Float = -1
        var isRising = true
        while queue.take({ block in
            isRising = isRising && block.samples[0] > last
            last = block.samples[0]
        }) {}
        #expect(isRising && last == 99 && queue.dropped > 50)
    }
}
