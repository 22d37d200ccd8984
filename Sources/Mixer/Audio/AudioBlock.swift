import Media

/// 20 ms of mono sound at 48 kHz: 960 samples in `Float`, full scale at 1. A view: the samples belong to an
/// `AudioBlockStorage` and hold as long as that and until it grows.
package struct AudioBlock {
    package let samples: UnsafeMutablePointer<Float>

    /// Samples a second, everywhere in the mixer.
    package static let sampleRate = 48_000
    /// Samples of a block.
    package static let count = 960
    /// The time a block lasts: the beat of the audio tick.
    package static let duration = Interval.milliseconds(20)

    package init(samples: UnsafeMutablePointer<Float>) { self.samples = samples }

    package var buffer: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: samples, count: Self.count)
    }

    func clear() { samples.update(repeating: 0, count: Self.count) }
    func copy(from other: AudioBlock) { samples.update(from: other.samples, count: Self.count) }
}

/// Blocks in one piece of memory, made once: the tick takes none. Grows on the control path only.
package struct AudioBlockStorage: ~Copyable {
    private var base: UnsafeMutableRawPointer
    /// How many blocks there are.
    package private(set) var capacity: Int

    private static let blockBytes = AudioBlock.count * MemoryLayout<Float>.stride

    /// - Parameter capacity: blocks, at least 1; all silent.
    package init(capacity: Int) {
        self.capacity = max(1, capacity)
        base = Self.allocate(self.capacity)
    }

    deinit { base.deallocate() }

    package subscript(index: Int) -> AudioBlock {
        precondition(index >= 0 && index < capacity, "no such audio block")
        return AudioBlock(samples: base.advanced(by: index * Self.blockBytes).assumingMemoryBound(to: Float.self))
    }

    /// Makes room for `capacity` blocks, those that are there kept. Views taken before are void when it grows.
    package mutating func reserve(_ capacity: Int) {
        guard capacity > self.capacity else { return }
        let larger = max(capacity, self.capacity * 2)
        let memory = Self.allocate(larger)
        memory.copyMemory(from: base, byteCount: self.capacity * Self.blockBytes)
        base.deallocate()
        base = memory
        self.capacity = larger
    }

    private static func allocate(_ capacity: Int) -> UnsafeMutableRawPointer {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity * blockBytes, alignment: 64)
        memory.bindMemory(to: Float.self, capacity: capacity * AudioBlock.count)
            .initialize(repeating: 0, count: capacity * AudioBlock.count)
        return memory
    }
}
