import CFFmpeg
import Media

/// Reads a file or a URL, whatever libavformat and libavcodec understand, as pictures fit for a canvas and sound fit for
/// the mixer. Has no thread and no clock: a call reads and decodes, and for a URL waits for its peer, at most until the
/// deadline it is given. Confined to its owner's queue, but for the interruption.
package struct MediaFileReader: ~Copyable {
    /// What a source holds, in the order of time.
    package enum Item {
        /// `Picture.timestamp` is the same time in 90 kHz ticks.
        case picture(Picture, at: Interval)
        /// The block holds until the next call. Blocks follow each other without a gap.
        case samples(AudioBlock, at: Interval)
        /// There is no more; `at` is when what was handed out last ends.
        case end(at: Interval)
    }

    /// The largest pictures that are read.
    package static let limit = Size(width: 4096, height: 2304)

    package let location: MediaLocation
    /// Ends what hangs, from any thread.
    package let interruption: Interruption
    /// A single picture.
    package let isStill: Bool
    /// Comes as it happens: hand it on as it comes, and don't wait between items.
    package let isLive: Bool
    /// Of one pass; `nil` if nobody knows, and of a still.
    package let duration: Interval?
    /// Whether the source begins anew at its end, seamlessly: times go on rising.
    package var repeats: Bool {
        didSet { audio?.endsWithPass = !repeats }
    }
    /// The pass that is read, from 0; it counts up when a source begins anew.
    package private(set) var pass = 0

    private var demuxer: Demuxer
    private var video: VideoTrack?
    private var audio: AudioTrack?
    private let packet = PacketOwner()
    /// Whether the only picture is that of a record.
    private let hasCover: Bool
    /// Where the file's time 0 lies in ours.
    private var origin: Interval
    /// When this pass began.
    private var passStart: Interval = .zero
    private var isExhausted = false
    private var gaveSomething = false
    /// The file's own time of its beginning; unknown in some live sources until the first packet.
    private var firstTime: Interval?

    /// Opens a source and looks at what is in it: for a file milliseconds, for a live URL up to seconds.
    ///
    /// - Parameters:
    ///   - deadline: when to give up.
    ///   - interruption: a way to give up earlier.
    package init(
        _ location: MediaLocation, repeats: Bool = false, deadline: Instant = .distantFuture,
        interruption: Interruption = Interruption()
    ) throws(MediaFileError) {
        let demuxer = try Demuxer(location, limit: Self.limit, interruption: interruption, deadline: deadline)
        let (videoStream, audioStream) = (demuxer.best(AVMEDIA_TYPE_VIDEO), demuxer.best(AVMEDIA_TYPE_AUDIO))
        var problem: String?
        var video: VideoTrack?
        if let videoStream {
            try Self.check(videoStream, location)
            video = VideoTrack(videoStream, limit: Self.limit, isLive: demuxer.isLive)
            if video == nil { problem = "its pictures are \(Self.codecName(videoStream)), which isn't known here" }
        }
        var audio: AudioTrack?
        if let audioStream {
            audio = AudioTrack(audioStream, isLive: demuxer.isLive, knowsLength: demuxer.knowsLengths)
            if audio == nil { problem = "its sound is \(Self.codecName(audioStream)), which isn't known here" }
        }
        let chosen = [video?.source.index, audio?.source.index].compactMap(\.self)
        guard !chosen.isEmpty else {
            throw .nothingToPlay(location, reason: problem ?? "it has neither pictures nor sound")
        }
        demuxer.select(chosen)
        let starts = [video != nil ? videoStream : nil, audio != nil ? audioStream : nil].compactMap { stream in
            stream.flatMap(Self.start)
        }
        firstTime = demuxer.isLive ? nil : starts.min()
        origin = .zero - (firstTime ?? .zero)
        isStill = demuxer.isStill
        hasCover = videoStream.map { $0.pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0 } ?? false
        isLive = demuxer.isLive
        duration = demuxer.duration
        audio?.endsWithPass = !repeats
        self.location = location
        self.interruption = interruption
        self.repeats = repeats
        self.video = video.take()
        self.audio = audio.take()
        self.demuxer = demuxer
    }

    package var hasPictures: Bool { video != nil }
    package var hasSound: Bool { audio != nil }
    /// Packets, pictures and frames of sound that were left out because they were broken or not allowed.
    package var damaged: Int {
        let pictures =
            switch video {
            case .some(let video): video.damaged + video.refused
            case .none: 0
            }
        let sound =
            switch audio {
            case .some(let audio): audio.damaged
            case .none: 0
            }
        return pictures + sound
    }

    /// `time` as the file counts it: from the beginning of the pass that is read.
    package func position(of time: Interval) -> Interval { max(.zero, time - passStart) }

    /// The next item. A file's come in the order of time; a live source's as they come.
    ///
    /// - Parameters:
    ///   - arrival: goes into a picture.
    ///   - deadline: when to give up waiting for the peer of a URL. After an error no more can be read.
    package mutating func next(
        arrival: Instant = .zero, deadline: Instant = .distantFuture
    ) throws(MediaFileError) -> Item {
        interruption.arm(deadline)
        while true {
            video?.prepare(origin: origin)
            audio?.prepare(origin: origin)
            if let item = takeFirst(arrival) {
                gaveSomething = true
                return item
            }
            if isExhausted, video?.isAtEnd ?? true, audio?.isAtEnd ?? true {
                guard repeats, gaveSomething, !isStill else { return try end() }
                if !rewind() { repeats = false }
                continue
            }
            if !isExhausted { try readPacket() }
        }
    }

    private mutating func end() throws(MediaFileError) -> Item {
        guard gaveSomething || pass > 0 else {
            throw .damaged(location, reason: "nothing in it could be decoded")
        }
        return .end(at: contentEnd())
    }

    /// When everything of the file so far ends. Where sound and pictures end at about the same time it is the sound's end,
    /// since it is there that a step would be heard.
    private mutating func contentEnd() -> Interval {
        guard let sound = audio?.end else { return video?.end ?? .zero }
        guard let pictures = video?.end else { return sound }
        return pictures - sound < .milliseconds(50) ? sound : pictures
    }

    /// The earlier one of what is ready; `nil` while the other kind may still have something earlier.
    private mutating func takeFirst(_ arrival: Instant) -> Item? {
        let pictureTime = video?.readyTime
        let soundTime = audio?.readyTime
        if let pictureTime, pictureTime <= soundTime ?? pictureTime {
            guard soundTime != nil || isFree(audio?.isAtEnd ?? true) else { return nil }
            return video?.take(arrival: arrival).map { .picture($0, at: pictureTime) }
        }
        if let soundTime {
            guard pictureTime != nil || isFree(video?.isAtEnd ?? true) else { return nil }
            return audio?.take().map { .samples($0, at: soundTime) }
        }
        return nil
    }

    /// Whether the other kind needn't be waited for: it has no more, or it is farther away in the file than we read ahead.
    private mutating func isFree(_ otherIsAtEnd: Bool) -> Bool {
        if otherIsAtEnd || isLive { return true }
        if video?.source.queue.isFull ?? false { return true }
        return audio?.source.queue.isFull ?? false
    }

    private mutating func readPacket() throws(MediaFileError) {
        guard case .packet = try demuxer.read(into: packet) else {
            isExhausted = true
            video?.source.finish()
            audio?.source.finish()
            return
        }
        defer { av_packet_unref(packet.raw) }
        let index = Int(packet.raw.pointee.stream_index)
        let isBroken = packet.raw.pointee.flags & AV_PKT_FLAG_CORRUPT != 0
        if firstTime == nil { noteFirst() }
        if index == video?.source.index {
            if isBroken || video?.source.queue.push(packet) == false { video?.noteDamage() }
            // A still, or the cover of a record, is read once, whatever is behind it.
            if isStill || hasCover, !isBroken { video?.source.finish() }
            if isStill, !isBroken { isExhausted = true }
        } else if index == audio?.source.index {
            if isBroken || audio?.source.queue.push(packet) == false { audio?.noteDamage() }
        }
    }

    /// A live source's time 0 is when its first packet is shown.
    private mutating func noteFirst() {
        let stamp = packet.raw.pointee.pts == cffmpeg_no_timestamp() ? packet.raw.pointee.dts : packet.raw.pointee.pts
        guard let stream = demuxer.format.pointee.streams[Int(packet.raw.pointee.stream_index)],
            let time = MediaClock.time(stamp, stream.pointee.time_base)
        else { return }
        firstTime = time
        origin = .zero - time
    }

    /// Begins anew at the end of what was handed out.
    private mutating func rewind() -> Bool {
        let end = contentEnd()
        // The years that a file claims to last add up.
        guard end.nanoseconds < MediaClock.farthest, demuxer.rewind() else { return false }
        // The cover doesn't come again.
        if !hasCover { video?.restart() }
        audio?.restart()
        origin = end - (firstTime ?? .zero)
        passStart = end
        pass += 1
        isExhausted = false
        gaveSomething = false
        return true
    }

    private static func check(_ stream: UnsafePointer<AVStream>, _ location: MediaLocation) throws(MediaFileError) {
        let size = Size(
            width: Int(stream.pointee.codecpar.pointee.width), height: Int(stream.pointee.codecpar.pointee.height))
        let side = max(limit.width, limit.height)
        guard size.area <= limit.area, size.width <= side, size.height <= side else {
            throw .tooLarge(location, size: size, limit: limit)
        }
    }

    private static func start(_ stream: UnsafeMutablePointer<AVStream>) -> Interval? {
        MediaClock.time(stream.pointee.start_time, stream.pointee.time_base)
    }

    private static func codecName(_ stream: UnsafePointer<AVStream>) -> String {
        String(cString: avcodec_get_name(stream.pointee.codecpar.pointee.codec_id))
    }
}
