import CFFmpeg
import Glibc
import Media

/// An open file or URL: its streams, and their packets in the order of the file. Packets' times are those of the file, with
/// the leaps taken out that a live source or a broadcast recording makes when its sender starts anew.
struct Demuxer: ~Copyable {
    let location: MediaLocation
    let format: UnsafeMutablePointer<AVFormatContext>
    /// A single picture.
    let isStill: Bool
    /// Comes as it happens, with no end known.
    let isLive: Bool

    private let interruption: Interruption
    private var leaps = LeapGuard()
    private let hasLeaps: Bool

    /// Opens `location` and looks at what is in it; returns or throws at `deadline`.
    init(
        _ location: MediaLocation, limit: Size, interruption: Interruption, deadline: Instant
    ) throws(MediaFileError) {
        CodecLog.takeOver()
        interruption.arm(deadline)
        try Self.check(location)
        guard let allocated = avformat_alloc_context() else { fatalError("out of memory: avformat_alloc_context") }
        allocated.pointee.interrupt_callback = interruption.callback
        var opened: UnsafeMutablePointer<AVFormatContext>? = allocated
        var options = Self.options(location)
        let code = avformat_open_input(&opened, location.address, nil, &options)
        av_dict_free(&options)
        guard code == 0, let format = opened else { throw .of(code, location, interruption) }
        let known = Self.findStreams(format, limit)
        guard known >= 0 else {
            avformat_close_input(&opened)
            throw .of(known, location, interruption)
        }
        // A look that was cut short is no error to libavformat.
        guard !interruption.isDue else {
            avformat_close_input(&opened)
            throw .of(cffmpeg_error_exit(), location, interruption)
        }
        let name = String(cString: format.pointee.iformat.pointee.name)
        isStill = name == "image2" || (name.hasSuffix("_pipe") && name != "gif_pipe")
        isLive = location.isLive || (!location.isFile && format.pointee.duration <= 0)
        hasLeaps = isLive || format.pointee.iformat.pointee.flags & AVFMT_TS_DISCONT != 0
        self.location = location
        self.format = format
        self.interruption = interruption
    }

    deinit {
        // What a protocol says in farewell isn't waited for.
        interruption.arm(.zero)
        var format: UnsafeMutablePointer<AVFormatContext>? = self.format
        avformat_close_input(&format)
    }

    /// The length as the file says or libavformat guesses it; `nil` if neither knows, or it can't be.
    var duration: Interval? {
        let duration = format.pointee.duration
        guard duration > 0, duration <= MediaClock.longest / 1000, !isLive, !isStill else { return nil }
        return Interval(nanoseconds: duration * 1000)
    }

    /// Whether the streams' lengths are the container's own words.
    var knowsLengths: Bool { format.pointee.duration_estimation_method == AVFMT_DURATION_FROM_STREAM }

    /// The stream of a kind that libavformat thinks best; `nil` if there is none.
    func best(_ kind: AVMediaType) -> UnsafeMutablePointer<AVStream>? {
        let index = av_find_best_stream(format, kind, -1, -1, nil, 0)
        return index >= 0 ? format.pointee.streams[Int(index)] : nil
    }

    /// Leaves out the packets of all streams but these.
    func select(_ chosen: [Int]) {
        for index in 0..<Int(format.pointee.nb_streams) where !chosen.contains(index) {
            format.pointee.streams[index]?.pointee.discard = AVDISCARD_ALL
        }
    }

    /// What came of reading a packet.
    enum Reading {
        case packet
        /// The end of the file, or of what is whole of it.
        case end
    }

    /// Reads the next packet, of whichever stream, into `packet`; it waits for a live source until the deadline that
    /// `interruption` is armed with.
    mutating func read(into packet: borrowing PacketOwner) throws(MediaFileError) -> Reading {
        var empty = 0
        while true {
            let code = av_read_frame(format, packet.raw)
            if code == cffmpeg_error_again(), empty < 1_000, !interruption.isDue {
                empty += 1
                continue
            }
            guard code == 0 else {
                if interruption.isDue { throw .of(cffmpeg_error_exit(), location, interruption) }
                if code == cffmpeg_error_eof() || location.isFile { return .end }
                throw .of(code, location, interruption)
            }
            if let stream = format.pointee.streams[Int(packet.raw.pointee.stream_index)] {
                Self.checkTimes(packet.raw, stream.pointee.time_base)
                if hasLeaps {
                    leaps.close(packet.raw, stream.pointee.time_base)
                    Self.checkTimes(packet.raw, stream.pointee.time_base)
                }
            }
            return .packet
        }
    }

    /// A packet whose times are out of all reason counts as broken: what is reckoned from them later would overflow.
    private static func checkTimes(_ packet: UnsafeMutablePointer<AVPacket>, _ timeBase: AVRational) {
        let none = cffmpeg_no_timestamp()
        func isFar(_ stamp: Int64, _ limit: Int64) -> Bool {
            stamp != none && MediaClock.time(stamp, timeBase, within: limit) == nil
        }
        guard
            isFar(packet.pointee.pts, MediaClock.farthest) || isFar(packet.pointee.dts, MediaClock.farthest)
                || isFar(packet.pointee.duration, MediaClock.longest)
        else { return }
        packet.pointee.flags |= AV_PKT_FLAG_CORRUPT
        (packet.pointee.pts, packet.pointee.dts, packet.pointee.duration) = (none, none, 0)
    }

    /// Goes back to the beginning; `false` if this source can't.
    mutating func rewind() -> Bool {
        let start = format.pointee.start_time == cffmpeg_no_timestamp() ? 0 : format.pointee.start_time
        leaps = LeapGuard()
        return avformat_seek_file(format, -1, .min, start, start, 0) >= 0
            || av_seek_frame(format, -1, 0, AVSEEK_FLAG_BYTE) >= 0
    }

    /// libavformat would open folders, wait for ever on pipes, and read protocols that are of no use here.
    private static func check(_ location: MediaLocation) throws(MediaFileError) {
        if !location.isFile {
            guard location.isReadableURL else { throw .notMedia(location, expected: MediaFileError.playable) }
            return
        }
        var status = stat()
        guard stat(location.path, &status) == 0 else { throw .of(cffmpeg_error(errno), location, nil) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .notMedia(location, expected: MediaFileError.playable)
        }
    }

    private static func options(_ location: MediaLocation) -> OpaquePointer? {
        var options: OpaquePointer?
        var wanted = [("max_streams", "100"), ("probesize", "5000000"), ("analyzeduration", "3000000")]
        if location.isLive {
            // What is read to learn the streams is thrown away, not shown late; and no time is spent on the frame rate.
            wanted += [("fflags", "nobuffer"), ("analyzeduration", "1000000"), ("fpsprobesize", "0")]
        }
        if location.scheme?.hasPrefix("rtsp") == true { wanted.append(("rtsp_flags", "prefer_tcp")) }
        for (key, value) in wanted { av_dict_set(&options, key, value, 0) }
        return options
    }

    /// Reads until the streams are known. Pictures beyond the limit aren't decoded for it.
    private static func findStreams(_ format: UnsafeMutablePointer<AVFormatContext>, _ limit: Size) -> Int32 {
        let count = Int(format.pointee.nb_streams)
        return withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: max(1, count)) { options in
            for index in 0..<count {
                options.initializeElement(at: index, to: nil)
                av_dict_set(&options[index], "max_pixels", String(limit.area), 0)
                av_dict_set(&options[index], "threads", "1", 0)
            }
            defer { for index in 0..<count { av_dict_free(&options[index]) } }
            return avformat_find_stream_info(format, options.baseAddress)
        }
    }
}

/// Takes out leaps: where the packets of a stream go on more than 10 s later, or 1 s earlier, than they should, all streams
/// are moved by the difference.
private struct LeapGuard {
    private var shift: Int64 = 0
    /// Where the next packet of a stream should be, shift included, in nanoseconds.
    private var expected: [Int32: Int64] = [:]

    mutating func close(_ packet: UnsafeMutablePointer<AVPacket>, _ timeBase: AVRational) {
        let none = cffmpeg_no_timestamp()
        let raw = packet.pointee.dts == none ? packet.pointee.pts : packet.pointee.dts
        guard raw != none else { return }
        var time = av_rescale_q(raw, timeBase, MediaClock.nanoseconds) &+ shift
        if let expected = expected[packet.pointee.stream_index] {
            let leap = time &- expected
            if leap > 10_000_000_000 || leap < -1_000_000_000 {
                shift &-= leap
                time = expected
            }
        }
        expected[packet.pointee.stream_index] =
            time &+ av_rescale_q(packet.pointee.duration, timeBase, MediaClock.nanoseconds)
        guard shift != 0 else { return }
        let ticks = av_rescale_q(shift, MediaClock.nanoseconds, timeBase)
        if packet.pointee.pts != none { packet.pointee.pts &+= ticks }
        if packet.pointee.dts != none { packet.pointee.dts &+= ticks }
    }
}
