import CFFmpeg
import Media

/// Turns access units of one stream into pictures. Only whole pictures come out: what was decoded from lost or broken
/// data, or refers to such, is kept back until the stream has recovered, since a still picture is easier on people than
/// a smeared one. Confined to its owner's queue.
package struct VideoDecoder: ~Copyable {
    /// What became of an access unit.
    package enum Outcome: Sendable {
        /// The newest whole picture; older ones that came with it are counted in `superseded`.
        case picture(Picture)
        /// Nothing yet: the decoder needs more of the stream.
        case none
        /// There is something, but not fit to be shown: ask for a keyframe.
        case damaged(Damage)
    }

    /// Why a picture isn't shown.
    package enum Damage: String, Hashable, Sendable, CaseIterable {
        /// Packets of it, or of pictures it refers to, were lost.
        case lost
        /// The codec could make nothing, or not all, of the bytes.
        case broken
        /// Whole in itself, but it refers to pictures that weren't; the next keyframe ends it.
        case awaitsKeyframe
        /// Larger than the limit.
        case tooLarge
        /// Not decoded: the stream changes its size or codec all the time.
        case restless
    }

    /// Pictures that came out together with a newer one, and weren't handed out.
    package private(set) var superseded = 0
    /// How often the stream's coded size was another than before: libavcodec makes all its pictures anew then.
    package private(set) var sizeChanges = 0

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let packet: UnsafeMutablePointer<AVPacket>
    /// Stands for whoever owns the bytes of a packet: libavcodec copies those of one that says of nobody.
    private let lender: UnsafeMutablePointer<AVBufferRef>
    private let codec: VideoCodec
    private let limit: Size
    private var frame = FrameOwner()
    private var pictures = PicturePool()
    private var pending = PendingUnits()
    private var recovery = Recovery()
    /// As of the newest access unit; 0 by 0 before the first.
    private var codedSize = Size(width: 0, height: 0)

    /// - Parameter limit: no picture with more samples than this size is decoded, nor one wider or higher than its
    ///   larger side.
    /// - Returns: `nil` if libavcodec has no decoder for `codec`.
    package init?(_ codec: VideoCodec, limit: Size = Size(width: 4096, height: 2304)) {
        CodecLog.takeOver()
        guard let decoder = avcodec_find_decoder(codec.id), let context = avcodec_alloc_context3(decoder)
        else {
            return nil
        }
        context.pointee.flags |= AV_CODEC_FLAG_LOW_DELAY
        // Frame threads add a picture of delay each. With slice threads libavcodec doesn't notice slices that are missing
        // or cut short; it does that in its concealment, which for that reason is on, in its cheapest form, though what it
        // conceals isn't shown.
        context.pointee.thread_count = 1
        context.pointee.error_concealment = FF_EC_FAVOR_INTER
        context.pointee.max_pixels = Int64(limit.area)
        context.pointee.pkt_timebase = AVRational(num: 1, den: Int32(VideoCodec.clockRate))
        guard avcodec_open2(context, decoder, nil) == 0, let packet = av_packet_alloc(), let lender = av_buffer_alloc(1)
        else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            return nil
        }
        packet.pointee.buf = lender
        self.context = context
        self.packet = packet
        self.lender = lender
        self.codec = codec
        self.limit = limit
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = self.packet
        av_packet_free(&packet)
        var context: UnsafeMutablePointer<AVCodecContext>? = self.context
        avcodec_free_context(&context)
    }

    /// How many pictures the stream reorders: each adds a frame interval of delay.
    package var reorderDepth: Int { Int(context.pointee.has_b_frames) }

    /// Whether the loop filter is left out: a fifth to a quarter less work for a picture that is 40 dB good between
    /// keyframes, enough for a small cell.
    package var skipsLoopFilter: Bool {
        get { context.pointee.skip_loop_filter == AVDISCARD_ALL }
        set { context.pointee.skip_loop_filter = newValue ? AVDISCARD_ALL : AVDISCARD_DEFAULT }
    }

    /// Decodes one access unit. Its bytes are libavcodec's only during the call.
    package mutating func decode(_ unit: AccessUnit) -> Outcome {
        guard unit.bytes.count > 0, unit.bytes.count < 1 << 28 else { return .none }
        let isRecoveryPoint = recovery.awaitsKeyframe && RecoveryPoint.isIn(unit.bytes, codec)
        let key = pending.add(unit, isRecoveryPoint: isRecoveryPoint)
        packet.pointee.data = UnsafeMutablePointer(
            mutating: unit.bytes.baseAddress!.assumingMemoryBound(to: UInt8.self))
        packet.pointee.size = Int32(unit.bytes.count)
        packet.pointee.pts = key
        packet.pointee.flags = unit.isKeyframe ? AV_PKT_FLAG_KEY : 0
        let error = avcodec_send_packet(context, packet)

        var damage: Damage?
        if unit.isDamaged {
            // Decoded nonetheless: where the stream heals without a keyframe, the decoder must have seen all of it.
            damage = .lost
        } else if error < 0 {
            damage = .broken
        }
        if damage != nil { recovery.noteDamage() }
        var newest: Picture?
        var status = avcodec_receive_frame(context, frame.raw)
        while status == 0 {
            switch take() {
            case .success(let picture):
                if newest != nil { superseded &+= 1 }
                newest = picture
            case .failure(let reason): damage = damage ?? reason
            }
            status = avcodec_receive_frame(context, frame.raw)
        }
        if status != cffmpeg_error_again(), status != cffmpeg_error_eof() {
            recovery.noteDamage()
            damage = damage ?? .broken
        }
        takeBack()
        noteSize()
        if let newest { return .picture(newest) }
        return damage.map(Outcome.damaged) ?? .none
    }

    /// The unit's bytes are the caller's again. libavcodec is done with them when it has no more pictures to give; were it not,
    /// it would have to forget them.
    private mutating func takeBack() {
        packet.pointee.data = nil
        packet.pointee.size = 0
        guard av_buffer_get_ref_count(lender) > 1 else { return }
        avcodec_flush_buffers(context)
        recovery.noteDamage()
    }

    private mutating func noteSize() {
        let size = Size(width: Int(context.pointee.coded_width), height: Int(context.pointee.coded_height))
        guard size != codedSize else { return }
        if codedSize.area > 0 { sizeChanges += 1 }
        codedSize = size
    }

    private enum Taken {
        case success(Picture)
        case failure(Damage)
    }

    /// Makes the received frame a picture, if it is whole.
    private mutating func take() -> Taken {
        let raw = frame.raw
        let unit = pending.unit(raw.pointee.pts)
        let isBroken = raw.pointee.decode_error_flags != 0 || raw.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
        let isIntra = raw.pointee.pict_type == AV_PICTURE_TYPE_I
        let isAllowed = recovery.allows(
            isDamaged: unit.isDamaged || isBroken,
            isKeyframe: unit.isKeyframe || (raw.pointee.key_frame != 0 && isIntra),
            isRecoveryPoint: unit.isRecoveryPoint || isIntra)
        let side = Int32(clamping: max(limit.width, limit.height))
        var failure: Damage?
        if raw.pointee.width > side || raw.pointee.height > side {
            failure = .tooLarge
        } else if !isAllowed {
            failure = unit.isDamaged ? .lost : isBroken ? .broken : .awaitsKeyframe
        }
        if let failure {
            av_frame_unref(raw)
            return .failure(failure)
        }
        return .success(pictures.picture(of: raw, timestamp: unit.timestamp, arrival: unit.arrival))
    }
}

/// The access units inside the decoder, so that a picture that comes out later finds what is known of it. A codec holds
/// back 16 pictures at most (H.264 annex A.3.1, `max_num_reorder_frames`); older entries are overwritten.
private struct PendingUnits {
    struct Entry {
        var key: Int64 = -1
        var timestamp: Int64 = 0
        var arrival = Instant.zero
        var isKeyframe = false
        var isDamaged = false
        var isRecoveryPoint = false
    }

    private var entries = InlineArray<32, Entry>(repeating: Entry())
    private var nextKey: Int64 = 0

    /// Keys rise by one per unit whatever the sender's timestamps do.
    mutating func add(_ unit: AccessUnit, isRecoveryPoint: Bool) -> Int64 {
        let key = nextKey
        nextKey &+= 1
        entries[Int(key % 32)] = Entry(
            key: key, timestamp: unit.timestamp, arrival: unit.arrival, isKeyframe: unit.isKeyframe,
            isDamaged: unit.isDamaged, isRecoveryPoint: isRecoveryPoint)
        return key
    }

    /// The newest unit's if the decoder made the key up.
    func unit(_ key: Int64) -> Entry {
        let latest = entries[Int(max(0, nextKey &- 1) % 32)]
        guard key >= 0 else { return latest }
        let entry = entries[Int(key % 32)]
        return entry.key == key ? entry : latest
    }
}

/// When pictures may be shown again after damage: from a keyframe on. Streams that send none, but refresh a column at a
/// time or send intra pictures that aren't keyframes, are whole again when one such refresh has passed: at the second
/// recovery point.
private struct Recovery {
    private(set) var awaitsKeyframe = true
    private var recoveryPoints = 0

    mutating func noteDamage() {
        awaitsKeyframe = true
        recoveryPoints = 0
    }

    mutating func allows(isDamaged: Bool, isKeyframe: Bool, isRecoveryPoint: Bool) -> Bool {
        if isDamaged {
            noteDamage()
            return false
        }
        guard awaitsKeyframe else { return true }
        if isRecoveryPoint { recoveryPoints += 1 }
        awaitsKeyframe = !isKeyframe && recoveryPoints < 2
        return !awaitsKeyframe
    }
}
