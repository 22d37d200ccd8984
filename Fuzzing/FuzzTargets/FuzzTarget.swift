/// Something that takes bytes of strangers. It is fed any bytes at all, and stops the process where it breaks a promise.
///
/// A target is deterministic: the same bytes do the same, so that what was found once is found again.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// What a corpus folder and a command line call it.
    package let name: String
    /// The longest input worth trying.
    package let maximumSize: Int
    /// Inputs that get deep into it, to begin with.
    package let seeds: @Sendable () -> [[UInt8]]
    /// Takes one input; it holds during the call only.
    package let run: @Sendable (UnsafeRawBufferPointer) -> Void

    package init(
        _ name: String, maximumSize: Int = 2048, seeds: @escaping @Sendable () -> [[UInt8]],
        run: @escaping @Sendable (UnsafeRawBufferPointer) -> Void
    ) {
        self.name = name
        self.maximumSize = maximumSize
        self.seeds = seeds
        self.run = run
    }

    package var description: String { name }

    /// Every target of RTP.
    package static let ofRTP: [FuzzTarget] = [
        .rtpHeader, .rtcp, .session, .message, .h264, .h265, .vp8, .vp9, .opusPacket, .videoReceiver,
        .audioJitterBuffer, .srtpUnprotect, .sdp, .sdes,
    ]
}
