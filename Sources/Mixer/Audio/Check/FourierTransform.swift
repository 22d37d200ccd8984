import CFFmpeg

/// A complex Fourier transform of one length, by libavutil, with the memory it works in.
struct FourierTransform: ~Copyable {
    enum Direction: Int32 {
        case forward = 0
        /// Not scaled: forward and back multiplies by the length.
        case inverse = 1
    }

    /// What is transformed, and what came of it: `count` numbers each.
    let input: UnsafeMutablePointer<AVComplexFloat>
    let output: UnsafeMutablePointer<AVComplexFloat>
    let count: Int
    private var context: OpaquePointer?
    private let transform: av_tx_fn

    /// - Parameter count: a power of two.
    init(count: Int, _ direction: Direction) {
        var context: OpaquePointer?
        var transform: av_tx_fn?
        var scale: Float = 1
        let code = av_tx_init(&context, &transform, AV_TX_FLOAT_FFT, direction.rawValue, Int32(count), &scale, 0)
        guard code >= 0, let transform else { preconditionFailure("libavutil has no transform of \(count) points") }
        self.context = context
        self.transform = transform
        self.count = count
        input = Self.allocate(count)
        output = Self.allocate(count)
    }

    deinit {
        var context = context
        av_tx_uninit(&context)
        input.deallocate()
        output.deallocate()
    }

    func run() { transform(context, output, input, MemoryLayout<AVComplexFloat>.stride) }

    // Aligned for libavutil's vector code.
    private static func allocate(_ count: Int) -> UnsafeMutablePointer<AVComplexFloat> {
        let bytes = count * MemoryLayout<AVComplexFloat>.stride
        let numbers = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
            .bindMemory(to: AVComplexFloat.self, capacity: count)
        numbers.initialize(repeating: AVComplexFloat(re: 0, im: 0), count: count)
        return numbers
    }
}
