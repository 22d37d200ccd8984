import Media

/// Fuzzing without a compiler's help: each input is a seed changed by chance, and the chance is a seed's too. It finds
/// less than libFuzzer in an hour, and much of it in a tenth of a second.
package struct SeededFuzzer {
    private let target: FuzzTarget
    private var generator: SeededGenerator
    private let inputs: [[UInt8]]

    private static let interestingBytes: [UInt8] = [0, 1, 0x0F, 0x7F, 0x80, 0x90, 0xC8, 0xFE, 0xFF]

    /// - Parameter corpus: inputs besides the target's seeds: what was found before.
    package init(_ target: FuzzTarget, corpus: [[UInt8]] = [], seed: UInt64) {
        self.target = target
        generator = SeededGenerator(seed: seed)
        inputs = target.seeds() + corpus
    }

    /// Runs every seed and corpus input as it is, then `count` changed ones. A broken promise stops the process;
    /// `CrashNote` then keeps the input.
    package mutating func run(_ count: Int) {
        CrashNote.install(for: target)
        for input in inputs { run(input) }
        for _ in 0..<count { run(next()) }
    }

    private func run(_ input: [UInt8]) {
        // Exactly as many bytes as there are, in memory of their own: a read past the end has a chance to be noticed.
        input.withUnsafeBytes {
            CrashNote.begin($0)
            target.run($0)
            CrashNote.end()
        }
    }

    private mutating func next() -> [UInt8] {
        var input = inputs.randomElement(using: &generator) ?? []
        for _ in 0...Int.random(in: 0..<6, using: &generator) { change(&input) }
        if input.count > target.maximumSize { input.removeLast(input.count - target.maximumSize) }
        return input
    }

    private mutating func change(_ input: inout [UInt8]) {
        guard !input.isEmpty else {
            input.append(.random(in: 0...255, using: &generator))
            return
        }
        let place = Int.random(in: input.indices, using: &generator)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: input[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: input[place] = Self.interestingBytes.randomElement(using: &generator)!
        case 2: input[place] = .random(in: 0...255, using: &generator)
        case 3: lie(about: &input, at: place)
        case 4: input.removeLast(input.count - place)
        case 5: input.removeSubrange(place..<min(input.count, place + length()))
        case 6: input.insert(contentsOf: input[place..<min(input.count, place + length())], at: place)
        case 7:
            let more = (0..<length()).map { _ in UInt8.random(in: 0...255, using: &generator) }
            input.insert(contentsOf: more, at: place)
        default: splice(&input, at: place)
        }
    }

    private mutating func length() -> Int { 1 + Int.random(in: 0..<16, using: &generator) }

    /// Two bytes that may be a length: none, one, one off, all.
    private mutating func lie(about input: inout [UInt8], at place: Int) {
        let left = input.count - place
        let lies = [0, 1, left - 1, left, left + 1, left / 4, 0x7FFF, 0x8000, 0xFFFF]
        let lie = lies.randomElement(using: &generator)!
        input[place] = UInt8(truncatingIfNeeded: lie >> 8)
        if place + 1 < input.count { input[place + 1] = UInt8(truncatingIfNeeded: lie) }
    }

    /// The beginning of one input, the end of another.
    private mutating func splice(_ input: inout [UInt8], at place: Int) {
        guard let other = inputs.randomElement(using: &generator), !other.isEmpty else { return }
        let start = Int.random(in: other.indices, using: &generator)
        input.replaceSubrange(place..., with: other[start...])
    }
}
