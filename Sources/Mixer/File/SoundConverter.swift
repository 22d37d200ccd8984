import CFFmpeg
import Glibc
import Media

/// Sound of any kind to the mixer's: mono, `Float`, 48 kHz, in blocks without a gap between them. Where the file has a gap
/// there is silence, where it overlaps itself a part is left out.
struct SoundConverter: ~Copyable {
    /// What the first sample that waits is, counted from the beginning.
    private(set) var position: Int64 = 0
    /// Samples of silence that come before those of the next frame.
    private(set) var owed: Int64 = 0

    private struct Shape: Equatable {
        var rate: Int32
        var format: Int32
        var channels: Int32
        var mask: UInt64
    }

    private var context: OpaquePointer?
    private var shape: Shape?
    private var waiting: [Float] = []
    /// Where in `waiting` the first sample that waits is.
    private var head = 0
    /// Samples that come out of the resampler but are to be left out.
    private var surplus: Int64 = 0
    private var isPlaced = false

    /// What times may be off by before they count: half a block, and where sound begins anew 1 ms.
    private static let tolerance = Int64(AudioBlock.count / 2)
    private static let placedTolerance: Int64 = 48
    /// Gaps and overlaps beyond are mistakes of the file: 6 hours, 10 seconds.
    private static let longestGap: Int64 = 6 * 3600 * 48_000
    private static let longestOverlap: Int64 = 10 * 48_000

    init() { waiting.reserveCapacity(32_768) }

    deinit {
        var context = context
        swr_free(&context)
    }

    /// Where the sound so far ends.
    var end: Int64 { position + Int64(waiting.count - head) + owed + delay - surplus }

    /// What comes next stands by its own time.
    mutating func loosen() { isPlaced = false }

    /// Makes room for a frame that says it begins at `time`: by silence, or by leaving out what is there already.
    mutating func place(at time: Int64) {
        guard abs(time - end) > (isPlaced ? Self.tolerance : Self.placedTolerance) else {
            isPlaced = true
            return
        }
        let isFirst = position == 0 && waiting.isEmpty && shape == nil
        isPlaced = true
        if isFirst, time > 0, time < Self.longestGap {
            position = time
            return
        }
        let gap = time - end
        if gap > 0, gap < Self.longestGap { owed = gap }
        if gap < 0, gap > -Self.longestOverlap { surplus -= gap }
    }

    /// Converts a frame; the silence that is owed comes first.
    /// - Returns: `false` if libswresample doesn't know how.
    mutating func push(_ frame: UnsafePointer<AVFrame>) -> Bool {
        let count = Int(frame.pointee.nb_samples)
        guard count > 0, count <= 1 << 20, open(for: frame) else { return false }
        let rate = Int(frame.pointee.sample_rate)
        let room = (count * AudioBlock.sampleRate + rate - 1) / rate + Int(clamping: delay) + 64
        return convert(frame.pointee.extended_data, count: Int32(count), room: room)
    }

    /// Gives out what the resampler holds back, and fills the last block up with silence.
    mutating func finish() {
        if context != nil { _ = convert(nil, count: 0, room: Int(clamping: delay) + 64) }
        swr_free(&context)
        shape = nil
        let rest = (waiting.count - head) % AudioBlock.count
        if rest > 0 { waiting.append(contentsOf: repeatElement(0, count: AudioBlock.count - rest)) }
    }

    /// Moves the next whole block into `block`.
    /// - Returns: the number of its first sample; `nil` if there is none.
    mutating func pop(into block: AudioBlock) -> Int64? {
        let missing = AudioBlock.count - (waiting.count - head)
        if missing > 0 {
            guard owed > 0 else { return nil }
            let silence = Int(min(owed, Int64(missing)))
            waiting.append(contentsOf: repeatElement(0, count: silence))
            owed -= Int64(silence)
            guard silence == missing else { return nil }
        }
        waiting.withUnsafeBufferPointer { waiting in
            block.samples.update(from: waiting.baseAddress! + head, count: AudioBlock.count)
        }
        head += AudioBlock.count
        if head == waiting.count {
            waiting.removeAll(keepingCapacity: true)
            head = 0
        } else if head > 16_384 {
            waiting.removeSubrange(..<head)
            head = 0
        }
        defer { position += Int64(AudioBlock.count) }
        return position
    }

    /// What the resampler holds back, in the mixer's samples.
    private var delay: Int64 { context == nil ? 0 : swr_get_delay(context, Int64(AudioBlock.sampleRate)) }

    private mutating func convert(
        _ input: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, count: Int32, room: Int
    ) -> Bool {
        let (old, context) = (waiting.count, context)
        waiting.append(contentsOf: repeatElement(0, count: room))
        let written = waiting.withUnsafeMutableBytes { bytes -> Int32 in
            var sink: UnsafeMutablePointer<UInt8>? = (bytes.baseAddress! + old * 4).assumingMemoryBound(to: UInt8.self)
            guard let input else { return swr_convert(context, &sink, Int32(room), nil, 0) }
            return input.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 1) {
                swr_convert(context, &sink, Int32(room), $0, count)
            }
        }
        let new = Int(max(0, written))
        waiting.removeLast(room - new)
        if surplus > 0 {
            let left = min(Int(clamping: surplus), new)
            waiting.removeSubrange(old..<old + left)
            surplus -= Int64(left)
        }
        return written >= 0
    }

    /// Two channels are averaged; more are mixed with the centre foremost, and may exceed full scale, which the mixer's
    /// limiter takes back.
    private mutating func open(for frame: UnsafePointer<AVFrame>) -> Bool {
        let layout = frame.pointee.ch_layout
        let shape = Shape(
            rate: frame.pointee.sample_rate, format: frame.pointee.format, channels: layout.nb_channels,
            mask: layout.order == AV_CHANNEL_ORDER_NATIVE ? layout.u.mask : 0)
        if shape == self.shape { return true }
        guard (4_000...768_000).contains(shape.rate), (1...64).contains(shape.channels) else { return false }
        if context != nil { _ = convert(nil, count: 0, room: Int(clamping: delay) + 64) }
        swr_free(&context)
        self.shape = nil
        var input = AVChannelLayout()
        if shape.mask != 0 {
            av_channel_layout_from_mask(&input, shape.mask)
        } else {
            av_channel_layout_default(&input, shape.channels)
        }
        var mono = AVChannelLayout()
        av_channel_layout_default(&mono, 1)
        var code = swr_alloc_set_opts2(
            &context, &mono, AV_SAMPLE_FMT_FLT, Int32(AudioBlock.sampleRate), &input, AVSampleFormat(shape.format),
            shape.rate, 0, nil)
        if code >= 0, let context {
            av_opt_set_double(UnsafeMutableRawPointer(context), "rematrix_maxval", shape.channels > 2 ? 2 : 1, 0)
            code = swr_init(context)
        }
        guard code >= 0 else {
            swr_free(&context)
            return false
        }
        self.shape = shape
        return true
    }
}
