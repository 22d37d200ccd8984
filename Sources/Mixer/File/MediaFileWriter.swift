import CFFmpeg
import COpus
import Media

/// Writes a meeting to a file or to a URL: encoded pictures as they are, Opus packets as they are where the container takes
/// them, and samples as AAC or plain. The first picture written is a keyframe and has time 0; what comes before is left out.
///
/// An .mp4 grows in fragments of a second, each put onto the disk when it is whole: whatever happens to the writer or to the
/// machine, what came before plays. Has no thread and no clock: a call writes, and waits for a peer at most until the
/// deadline it is given. After an error nothing more is written. Confined to its owner's queue, but for the interruption.
package struct MediaFileWriter: ~Copyable {
    /// The pictures of a recording. A size that changes later is up to the players.
    package struct Pictures: Hashable, Sendable {
        package var codec: VideoCodec
        package var size: Size
        /// Per second.
        package var frameRate: Int

        package init(codec: VideoCodec, size: Size, frameRate: Int) {
            self.codec = codec
            self.size = size
            self.frameRate = frameRate
        }
    }

    /// The sound of a recording.
    package enum Sound: Hashable, Sendable {
        /// Encoded already: `write(opus:at:)`.
        case opus
        /// Samples, encoded here as AAC, or as they are in a .wav: `write(_:at:)` of blocks.
        case samples(bitrate: Bitrate)
    }

    package let location: MediaLocation
    package let pictures: Pictures?
    package let sound: Sound?
    /// Ends what hangs, from any thread.
    package let interruption: Interruption
    /// What came before the first keyframe, or before what was written already.
    package private(set) var skipped = 0
    /// How much has been written, by the end of what came last.
    package private(set) var length = Interval.zero
    /// Why nothing more is written.
    package private(set) var failure: MediaFileError?

    private var muxer: Muxer
    private var samples: SoundWriter?
    private let packet = PacketOwner()
    private var videoStream: Int?
    private var soundStream: Int?
    /// The caller's time of our time 0.
    private var origin: Interval?

    /// Whether what is written to `location` takes Opus packets; `nil` if its name isn't one that can be written.
    package static func takesOpus(_ location: MediaLocation) -> Bool? { Container(location)?.takesOpus }

    /// Makes the file, or connects to the peer.
    ///
    /// - Parameters:
    ///   - location: the ending of its name, or its scheme, says what is written.
    ///   - deadline: when to give up.
    ///   - interruption: a way to give up earlier.
    package init(
        _ location: MediaLocation, pictures: Pictures?, sound: Sound?, deadline: Instant = .distantFuture,
        interruption: Interruption = Interruption()
    ) throws(MediaFileError) {
        guard let container = Container(location) else { throw .notMedia(location, expected: Container.writable) }
        try Self.check(location, container, pictures, sound)
        var samples: SoundWriter?
        if case .samples(let bitrate) = sound {
            if container == .wav {
                samples = SoundWriter(nil)
            } else {
                guard let encoder = AACEncoder(bitrate: bitrate) else {
                    throw .failed(location, reason: "libavcodec has no AAC encoder")
                }
                samples = SoundWriter(encoder)
            }
        }
        muxer = try Muxer(location, container, interruption: interruption, deadline: deadline)
        self.location = location
        self.pictures = pictures
        self.sound = sound
        self.interruption = interruption
        self.samples = samples.take()
    }

    /// Writes a picture, whose bytes are copied.
    /// - Parameters:
    ///   - time: on a clock of the caller's that sound and pictures have in common.
    ///   - deadline: when to give up waiting for the peer of a URL.
    package mutating func write(
        _ unit: AccessUnit, at time: Interval, deadline: Instant = .distantFuture
    ) throws(MediaFileError) {
        guard let pictures else { throw otherThanSaid }
        try beginCall(deadline)
        if origin == nil {
            guard unit.isKeyframe, let sets = Self.parameterSets(unit, pictures.codec) else {
                skipped += 1
                return
            }
            try begin(at: time, sets)
        }
        guard let origin, let videoStream, fill(unit.bytes) else { return }
        packet.raw.pointee.pts = MediaClock.videoTicks(time - origin)
        packet.raw.pointee.duration = Int64(VideoCodec.clockRate / max(1, pictures.frameRate))
        packet.raw.pointee.flags = unit.isKeyframe ? AV_PKT_FLAG_KEY : 0
        try put(stream: videoStream, timeBase: MediaClock.video)
        length = max(length, time - origin + Interval.seconds(1) / max(1, pictures.frameRate))
    }

    /// Writes an Opus packet, whose bytes are copied.
    /// - Parameters:
    ///   - time: of its first sample, on the clock of the pictures.
    ///   - deadline: when to give up waiting for the peer of a URL.
    package mutating func write(
        opus bytes: UnsafeRawBufferPointer, at time: Interval, deadline: Instant = .distantFuture
    ) throws(MediaFileError) {
        guard sound == .opus else { throw otherThanSaid }
        try beginCall(deadline)
        let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let count = start.map { opus_packet_get_nb_samples($0, Int32(clamping: bytes.count), 48_000) } ?? 0
        guard count > 0, try isTime(time), let origin, let soundStream, fill(bytes) else {
            skipped += 1
            return
        }
        packet.raw.pointee.pts = MediaClock.samples(time - origin)
        packet.raw.pointee.duration = Int64(count)
        packet.raw.pointee.flags = AV_PKT_FLAG_KEY
        try put(stream: soundStream, timeBase: MediaClock.samples)
        length = max(length, time - origin + MediaClock.interval(samples: Int64(count)))
    }

    /// Writes a block of samples. Where blocks are missing there is silence: the parts of a recording stay together.
    /// - Parameters:
    ///   - time: of its first sample, on the clock of the pictures.
    ///   - deadline: when to give up waiting for the peer of a URL.
    package mutating func write(
        _ block: AudioBlock, at time: Interval, deadline: Instant = .distantFuture
    ) throws(MediaFileError) {
        guard samples != nil else { throw otherThanSaid }
        try beginCall(deadline)
        guard try isTime(time), let origin, let soundStream else {
            skipped += 1
            return
        }
        do throws(MediaFileError) {
            let position = MediaClock.samples(time - origin)
            let isWritten = try samples?.write(block, at: position, to: &muxer, stream: soundStream) ?? false
            if !isWritten { skipped += 1 }
        } catch {
            failure = error
            throw error
        }
        length = max(length, time - origin + AudioBlock.duration)
    }

    /// Writes what waits and what stands at the end. Nothing more is written after it.
    package mutating func finish(deadline: Instant = .distantFuture) throws(MediaFileError) {
        try beginCall(deadline)
        guard origin != nil else { return }
        do throws(MediaFileError) {
            if let soundStream { try samples?.finish(to: &muxer, stream: soundStream) }
            try muxer.finish()
        } catch {
            failure = error
            throw error
        }
        failure = .failed(location, reason: "it has been finished")
    }

    private var otherThanSaid: MediaFileError {
        .unsuitable(location, expected: "what was said when it was opened")
    }

    private func beginCall(_ deadline: Instant) throws(MediaFileError) {
        if let failure { throw failure }
        interruption.arm(deadline)
    }

    /// Whether sound of `time` belongs in; without pictures the first sound begins the recording.
    private mutating func isTime(_ time: Interval) throws(MediaFileError) -> Bool {
        if origin == nil {
            guard pictures == nil else { return false }
            try begin(at: time, [])
        }
        return origin.map { time >= $0 } ?? false
    }

    private mutating func begin(at time: Interval, _ parameterSets: [UInt8]) throws(MediaFileError) {
        if let pictures {
            videoStream = muxer.addVideo(
                pictures.codec, size: pictures.size, frameRate: pictures.frameRate, parameterSets: parameterSets)
        }
        switch sound {
        case .opus: soundStream = muxer.addOpus()
        case .samples: soundStream = samples?.addStream(to: &muxer)
        case nil: break
        }
        do throws(MediaFileError) { try muxer.begin() } catch {
            failure = error
            throw error
        }
        origin = time
    }

    private mutating func put(stream: Int, timeBase: AVRational) throws(MediaFileError) {
        do throws(MediaFileError) { try muxer.write(packet, stream: stream, timeBase: timeBase) } catch {
            failure = error
            throw error
        }
    }

    /// Copies bytes into the packet; `false` if there are none, or more than a picture can have.
    private func fill(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let source = bytes.baseAddress, bytes.count > 0, bytes.count < 1 << 28 else { return false }
        guard av_new_packet(packet.raw, Int32(bytes.count)) == 0, let data = packet.raw.pointee.data else {
            fatalError("out of memory: a packet of \(bytes.count) bytes")
        }
        UnsafeMutableRawPointer(data).copyMemory(from: source, byteCount: bytes.count)
        return true
    }

    /// What the container keeps apart; `nil` if it needs what the keyframe hasn't.
    private static func parameterSets(_ unit: AccessUnit, _ codec: VideoCodec) -> [UInt8]? {
        codec == .h264 || codec == .h265 ? ParameterSets.of(unit.bytes, codec) : []
    }

    private static func check(
        _ location: MediaLocation, _ container: Container, _ pictures: Pictures?, _ sound: Sound?
    ) throws(MediaFileError) {
        if let pictures, !container.pictures.contains(pictures.codec) {
            let codecs = container.pictures.map(\.encodingName).sorted().joined(separator: ", ")
            throw .unsuitable(location, expected: codecs.isEmpty ? "sound alone" : "pictures in \(codecs)")
        }
        switch sound {
        case .opus where !container.takesOpus: throw .unsuitable(location, expected: "samples, to be encoded as AAC")
        case .samples where !container.takesSamples: throw .unsuitable(location, expected: "Opus packets")
        case nil where pictures == nil: throw .unsuitable(location, expected: "pictures or sound")
        default: break
        }
    }
}
