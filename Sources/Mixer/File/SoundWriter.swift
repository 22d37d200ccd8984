import CFFmpeg
import Media

/// The samples of a recording without a gap, as AAC or as they are: where nothing was written there is silence.
struct SoundWriter: ~Copyable {
    /// `nil` for 16-bit samples.
    private var encoder: AACEncoder?
    /// The number of the sample that comes next.
    private var position: Int64 = 0
    /// The number of the encoder's first sample.
    private var base: Int64?
    private let packet = PacketOwner()
    private let silence = AudioBlockStorage(capacity: 1)

    /// What times may be off by before they count: half a block.
    private static let tolerance = Int64(AudioBlock.count / 2)

    init(_ encoder: consuming AACEncoder?) { self.encoder = encoder }

    /// Adds the stream to a container.
    /// - Returns: its number.
    func addStream(to muxer: inout Muxer) -> Int {
        switch encoder {
        case .some(let encoder): muxer.addAAC(encoder)
        case .none: muxer.addPCM()
        }
    }

    /// Writes a block that begins at sample `time`; the silence before it first. What comes twice is left out.
    /// - Returns: whether it was written.
    mutating func write(
        _ block: AudioBlock, at time: Int64, to muxer: inout Muxer, stream: Int
    ) throws(MediaFileError) -> Bool {
        if base == nil {
            // Encoded sound says when it begins; plain samples begin at 0.
            if encoder != nil { position = time }
            base = position
        }
        guard time - position >= -Self.tolerance else { return false }
        while time - position > Self.tolerance { try put(silence[0], to: &muxer, stream: stream) }
        try put(block, to: &muxer, stream: stream)
        return true
    }

    /// Writes what the encoder holds back.
    mutating func finish(to muxer: inout Muxer, stream: Int) throws(MediaFileError) {
        encoder?.finish()
        try drain(to: &muxer, stream: stream)
    }

    private mutating func put(_ block: AudioBlock, to muxer: inout Muxer, stream: Int) throws(MediaFileError) {
        position += Int64(AudioBlock.count)
        guard encoder != nil else { return try putSamples(block, to: &muxer, stream: stream) }
        var rest = UnsafeBufferPointer(block.buffer)
        while !rest.isEmpty {
            let taken = encoder?.send(rest) ?? rest.count
            rest = UnsafeBufferPointer(rebasing: rest[taken...])
            try drain(to: &muxer, stream: stream)
        }
    }

    private func putSamples(_ block: AudioBlock, to muxer: inout Muxer, stream: Int) throws(MediaFileError) {
        guard av_new_packet(packet.raw, Int32(AudioBlock.count * 2)) == 0, let data = packet.raw.pointee.data else {
            fatalError("out of memory: a packet")
        }
        let bytes = UnsafeMutableRawPointer(data)
        for index in 0..<AudioBlock.count {
            let scaled = (block.samples[index] * 32_768).rounded()
            let sample = scaled.isFinite ? Int16(max(-32_768, min(32_767, scaled))) : 0
            bytes.storeBytes(of: sample.littleEndian, toByteOffset: index * 2, as: Int16.self)
        }
        packet.raw.pointee.pts = position - Int64(AudioBlock.count)
        packet.raw.pointee.duration = Int64(AudioBlock.count)
        packet.raw.pointee.flags = AV_PKT_FLAG_KEY
        try muxer.write(packet, stream: stream, timeBase: MediaClock.samples)
    }

    private mutating func drain(to muxer: inout Muxer, stream: Int) throws(MediaFileError) {
        while encoder?.receive(into: packet) ?? false {
            // The frame before time 0 has nothing in it.
            guard packet.raw.pointee.pts >= 0 else {
                av_packet_unref(packet.raw)
                continue
            }
            packet.raw.pointee.pts += base ?? 0
            try muxer.write(packet, stream: stream, timeBase: MediaClock.samples)
        }
    }
}
