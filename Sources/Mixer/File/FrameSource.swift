import CFFmpeg
import Media

/// One stream of a file on its way through its decoder: packets wait, frames come out. A pass is one run through the file.
struct FrameSource: ~Copyable {
    /// What came of asking for a frame.
    enum Outcome {
        case frame
        /// It takes more packets.
        case starved
        /// Something couldn't be decoded.
        case broken
        /// The pass has no more.
        case drained
    }

    /// The stream's index in the file.
    let index: Int
    let timeBase: AVRational
    var queue = PacketQueue()

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet = PacketOwner()
    private var isFinishing = false
    private var isFlushed = false
    private var isDrained = false
    private var failures = 0

    /// Errors in a row after which a decoder that should give what it has left is given up.
    private static let patience = 256

    /// - Parameter limit: no picture with more samples than this size is decoded.
    /// - Returns: `nil` if libavcodec can't decode the stream.
    init?(_ stream: UnsafePointer<AVStream>, limit: Size, isLive: Bool) {
        guard let parameters = stream.pointee.codecpar, let decoder = avcodec_find_decoder(parameters.pointee.codec_id),
            let context = avcodec_alloc_context3(decoder)
        else { return nil }
        var code = avcodec_parameters_to_context(context, parameters)
        context.pointee.pkt_timebase = stream.pointee.time_base
        context.pointee.thread_count = 1
        context.pointee.max_pixels = Int64(limit.area)
        if isLive { context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY }
        if code >= 0 { code = avcodec_open2(context, decoder, nil) }
        guard code >= 0 else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            return nil
        }
        self.context = context
        index = Int(stream.pointee.index)
        timeBase = stream.pointee.time_base
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    /// Whether no more comes of this pass.
    var isAtEnd: Bool { isDrained }

    /// The pass has no more packets.
    mutating func finish() { isFinishing = true }

    /// Forgets everything, for the next pass.
    mutating func restart() {
        queue.removeAll()
        avcodec_flush_buffers(context)
        (isFinishing, isFlushed, isDrained, failures) = (false, false, false, 0)
    }

    /// Decodes until there is one frame, into `frame`.
    mutating func next(into frame: borrowing FrameOwner) -> Outcome {
        while !isDrained {
            let code = avcodec_receive_frame(context, frame.raw)
            if code == 0 {
                failures = 0
                return .frame
            }
            if code == cffmpeg_error_eof() { break }
            if code != cffmpeg_error_again() {
                failures += 1
                if failures > Self.patience { break }
                return .broken
            }
            if queue.pop(into: packet) {
                let sent = avcodec_send_packet(context, packet.raw)
                av_packet_unref(packet.raw)
                if sent < 0 { return .broken }
            } else if isFinishing, !isFlushed {
                isFlushed = true
                if avcodec_send_packet(context, nil) < 0 { break }
            } else if isFinishing {
                break
            } else {
                return .starved
            }
        }
        isDrained = true
        return .drained
    }
}
