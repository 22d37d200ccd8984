import Mixer
import Testing

/// Kernels against plain references, over random samples and lengths.
@Suite struct AudioKernelTests {
    private var numbers = SeededNumbers(state: 42)

    private mutating func samples(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &numbers) }
    }

    @Test(arguments: [1, 7, 48, 960, 961]) mutating func sums(count: Int) {
        for (start, end) in [(Float(0), Float(1)), (0.5, 0.5), (1, 0)] {
            let own = samples(count)
            let before = samples(count)
            var total = before
            addWeighted(own, from: start, to: end, into: &total, count: count)
            for i in 0..<count {
                let weight = start + (end - start) * Float(i) / Float(count)
                #expect(abs(total[i] - (before[i] + own[i] * weight)) < 1e-5)
            }
            var without = [Float](repeating: 9, count: count)
            subtractWeighted(own, from: start, to: end, of: total, into: &without, count: count)
            for i in 0..<count { #expect(abs(without[i] - before[i]) < 1e-6) }
        }
    }

    @Test(arguments: [1, 15, 16, 17, 960]) mutating func measures(count: Int) {
        let sound = samples(count)
        let reference = sound.reduce(0) { $0 + $1 * $1 }
        #expect(abs(energy(of: sound, count: count) - reference) < 1e-3)
        #expect(peak(of: sound, count: count) == sound.map { abs($0) }.max())
        #expect(peak(of: [0, -.nan, 1], count: 3) == .infinity)
        #expect(peak(of: [0, -.infinity, 1], count: 3) == .infinity)
    }

    @Test mutating func fades() {
        var sound = samples(960)
        let original = sound
        scale(&sound, from: 0, to: 1, count: 960)
        for i in 0..<960 { #expect(abs(sound[i] - original[i] * Float(i) / 960) < 1e-5) }
        var new = [Float](repeating: 1, count: 100)
        crossFade(from: [Float](repeating: -1, count: 100), to: &new, count: 100)
        #expect(new.first == -1 && abs(new[50]) < 1e-5 && new[99] > 0.97)
        var loud: [Float] = [-100, -0.8, -0.5, 0, 0.5, 0.79, 0.85, 1e30]
        bend(&loud, knee: 0.8, ceiling: 0.9, count: loud.count)
        #expect(loud[1...5] == [-0.8, -0.5, 0, 0.5, 0.79])
        #expect(loud.allSatisfy { abs($0) <= 0.9 } && loud == loud.sorted())
    }
}
