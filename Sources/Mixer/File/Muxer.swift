import CFFmpeg
import Glibc
import Media

/// A container that is being written, and the file or peer behind it. Packets of several streams are put in order of their
/// times; at most a second of them waits for that.
struct Muxer: ~Copyable {
    let location: MediaLocation
    let container: Container
    private(set) var hasHeader = false

    private let format: UnsafeMutablePointer<AVFormatContext>
    /// `nil` where libavformat opens what it writes.
    private let file: OutputFile?
    private let interruption: Interruption
    /// The last time of each stream, in its own time base.
    private var lastTimes: [Int64] = []
    /// When what was written was last put onto the disk, in the media's time.
    private var lastSync = Interval.zero

    /// How long what was written may stay off the disk.
    private static let syncPeriod = Interval.milliseconds(900)

    /// Opens the file, or connects to the peer; returns or throws at `deadline`.
    init(
        _ location: MediaLocation, _ container: Container, interruption: Interruption, deadline: Instant
    ) throws(MediaFileError) {
        CodecLog.takeOver()
        interruption.arm(deadline)
        var file: OutputFile?
        if location.isFile, container != .hls { file = try OutputFile(location) }
        var allocated: UnsafeMutablePointer<AVFormatContext>?
        let address = location.isFile ? location.path : location.address
        let code = avformat_alloc_output_context2(&allocated, nil, container.muxer, address)
        guard code >= 0, let format = allocated else { throw .of(code, location, interruption) }
        format.pointee.interrupt_callback = interruption.callback
        format.pointee.max_interleave_delta = 1_000_000
        format.pointee.flags |= AVFMT_FLAG_FLUSH_PACKETS
        format.pointee.flush_packets = 1
        if let file {
            format.pointee.pb = file.io
            format.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        } else if container != .hls {
            var options: OpaquePointer?
            if location.scheme?.hasPrefix("rtmp") == true { av_dict_set(&options, "rtmp_live", "live", 0) }
            if location.scheme == "udp" { av_dict_set(&options, "pkt_size", "1316", 0) }
            var callback = interruption.callback
            let code = avio_open2(&format.pointee.pb, address, AVIO_FLAG_WRITE, &callback, &options)
            av_dict_free(&options)
            guard code >= 0 else {
                avformat_free_context(format)
                throw .of(code, location, interruption)
            }
        }
        self.location = location
        self.container = container
        self.format = format
        self.file = file
        self.interruption = interruption
    }

    deinit {
        // What a protocol says in farewell isn't waited for.
        interruption.arm(.zero)
        if file == nil, container != .hls { avio_closep(&format.pointee.pb) }
        format.pointee.pb = nil
        avformat_free_context(format)
    }

    /// Adds a stream of pictures.
    /// - Parameter parameterSets: in Annex B form, for the codecs that have such.
    /// - Returns: its number.
    mutating func addVideo(_ codec: VideoCodec, size: Size, frameRate: Int, parameterSets: [UInt8]) -> Int {
        let stream = addStream(MediaClock.video)
        let parameters = stream.pointee.codecpar!
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id = codec.id
        parameters.pointee.width = Int32(size.width)
        parameters.pointee.height = Int32(size.height)
        parameters.pointee.format = AV_PIX_FMT_YUV420P.rawValue
        parameters.pointee.color_range = AVCOL_RANGE_MPEG
        parameters.pointee.color_space = AVCOL_SPC_BT709
        parameters.pointee.color_primaries = AVCOL_PRI_BT709
        parameters.pointee.color_trc = AVCOL_TRC_BT709
        parameters.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        stream.pointee.avg_frame_rate = AVRational(num: Int32(frameRate), den: 1)
        stream.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        Self.setExtradata(parameters, parameterSets)
        return Int(stream.pointee.index)
    }

    /// Adds a stream of mono Opus packets (RFC 7845 section 5.1).
    mutating func addOpus() -> Int {
        let (stream, parameters) = addSound(AV_CODEC_ID_OPUS)
        // What decoders leave out at the beginning: libopus looks ahead that far. Said here only, since a container that is
        // told as well moves all other streams by it.
        let skip = 312
        parameters.pointee.frame_size = Int32(AudioBlock.count)
        let rate = AudioBlock.sampleRate
        let header =
            Array("OpusHead".utf8) + [1, 1, UInt8(skip & 0xFF), UInt8(skip >> 8)]
            + (0..<4).map { UInt8(truncatingIfNeeded: rate >> (8 * $0)) } + [0, 0, 0]
        Self.setExtradata(parameters, header)
        return Int(stream.pointee.index)
    }

    /// Adds a stream of what `encoder` makes.
    mutating func addAAC(_ encoder: borrowing AACEncoder) -> Int {
        let stream = addStream(MediaClock.samples)
        avcodec_parameters_from_context(stream.pointee.codecpar, encoder.context)
        return Int(stream.pointee.index)
    }

    /// Adds a stream of mono 16-bit samples.
    mutating func addPCM() -> Int {
        let (stream, parameters) = addSound(AV_CODEC_ID_PCM_S16LE)
        parameters.pointee.format = AV_SAMPLE_FMT_S16.rawValue
        parameters.pointee.bits_per_coded_sample = 16
        parameters.pointee.block_align = 2
        parameters.pointee.bit_rate = Int64(AudioBlock.sampleRate * 16)
        return Int(stream.pointee.index)
    }

    /// Writes what stands before the first packet; no streams are added after it.
    mutating func begin() throws(MediaFileError) {
        var options: OpaquePointer?
        for (key, value) in container.options { av_dict_set(&options, key, value, 0) }
        let code = avformat_write_header(format, &options)
        av_dict_free(&options)
        try check(code)
        hasHeader = true
    }

    /// Writes a packet, whose times are in `timeBase`, and takes over what it refers to. A time that doesn't rise is taken as
    /// the last one and a tick.
    mutating func write(_ packet: borrowing PacketOwner, stream: Int, timeBase: AVRational) throws(MediaFileError) {
        guard let target = format.pointee.streams[stream] else { return }
        let raw = packet.raw
        let time = Interval(nanoseconds: av_rescale_q(raw.pointee.pts, timeBase, MediaClock.nanoseconds))
        av_packet_rescale_ts(raw, timeBase, target.pointee.time_base)
        raw.pointee.pts = max(raw.pointee.pts, lastTimes[stream] + 1)
        raw.pointee.dts = raw.pointee.pts
        lastTimes[stream] = raw.pointee.pts
        raw.pointee.stream_index = Int32(stream)
        let code = av_interleaved_write_frame(format, raw)
        av_packet_unref(raw)
        try check(code)
        guard let file, file.unsynchronized > 0, time - lastSync >= Self.syncPeriod else { return }
        lastSync = time
        try check(file.synchronize())
    }

    /// Writes what waits and what stands at the end.
    mutating func finish() throws(MediaFileError) {
        guard hasHeader else { return }
        try check(av_write_trailer(format))
        if let file { try check(file.synchronize()) }
    }

    private mutating func addStream(_ timeBase: AVRational) -> UnsafeMutablePointer<AVStream> {
        guard let stream = avformat_new_stream(format, nil) else { fatalError("out of memory: avformat_new_stream") }
        stream.pointee.time_base = timeBase
        lastTimes.append(-1)
        return stream
    }

    private mutating func addSound(
        _ codec: AVCodecID
    ) -> (UnsafeMutablePointer<AVStream>, UnsafeMutablePointer<AVCodecParameters>) {
        let stream = addStream(MediaClock.samples)
        let parameters = stream.pointee.codecpar!
        parameters.pointee.codec_type = AVMEDIA_TYPE_AUDIO
        parameters.pointee.codec_id = codec
        parameters.pointee.sample_rate = Int32(AudioBlock.sampleRate)
        av_channel_layout_default(&parameters.pointee.ch_layout, 1)
        return (stream, parameters)
    }

    /// What libavformat said, or what the file did meanwhile.
    private func check(_ code: Int32) throws(MediaFileError) {
        let error = code < 0 ? code : min(0, format.pointee.pb?.pointee.error ?? 0)
        guard error < 0 else { return }
        guard error != cffmpeg_error_invalid_data() else {
            throw .failed(location, reason: CodecLog.message(error))
        }
        throw .of(error, location, interruption)
    }

    private static func setExtradata(_ parameters: UnsafeMutablePointer<AVCodecParameters>, _ bytes: [UInt8]) {
        guard !bytes.isEmpty, let memory = av_mallocz(bytes.count + AccessUnit.padding) else { return }
        memory.copyMemory(from: bytes, byteCount: bytes.count)
        parameters.pointee.extradata = memory.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = Int32(bytes.count)
    }
}
