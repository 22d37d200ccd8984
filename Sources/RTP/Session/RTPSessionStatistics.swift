import Media

extension RTPSession {
    /// A snapshot of everything a session counted since its start, over all streams it received.
    package struct Statistics: Equatable, Sendable {
        /// RTP packets of the remote stream, duplicates left out.
        package var packets = 0
        /// Their payload bytes.
        package var bytes = 0
        package var lost = 0
        /// The loss in the last report interval, 0 to 1.
        package var fractionLost = 0.0
        package var duplicate = 0
        package var reordered = 0
        /// Too far back to be told from a duplicate.
        package var late = 0
        package var jitter = Interval.zero
        package var malformed = 0
        package var wrongVersion = 0
        package var wrongPayloadType = 0
        /// Packets of sources on probation, or beside the active one.
        package var sourceDrops = 0
        package var ownSSRC = 0
        /// Times the owner was told to take another SSRC.
        package var collisions = 0
        /// Packets brought by a retransmission format (RFC 4588) that were missing. They count neither as `packets` nor
        /// against `lost`.
        package var retransmitted = 0
        /// Packets that FEC brought back.
        package var recovered = 0
        /// Retransmissions that named a packet which nobody can miss.
        package var retransmittedRefused = 0
        /// Packets that our NACKs named.
        package var repairsRequested = 0
        /// Times another stream took over, or the same one jumped.
        package var streamChanges = 0
        /// `nil` until the peer has answered a sender report.
        package var roundTrip: Interval?
        /// Packets lost on the way to the peer, by its last report; `nil` until there is one.
        package var peerLost: Int?
        /// The same since its report before, 0 to 1.
        package var peerFractionLost: Double?
        package var peerJitter: Interval?
        /// The rate that the peer's last REMB or TMMBR asked for.
        package var peerBitrate: Bitrate?
        package var keyframeRequestsIn = 0
        package var keyframeRequestsOut = 0
        /// Packets that the peer's NACKs named.
        package var nacksIn = 0
        /// The peer's messages that came whole.
        package var messages = 0
        /// Segments of messages whose heads lie.
        package var messageSegmentsRefused = 0
        package var controlIn = 0
        package var controlOut = 0

        package init() {}
    }
}
