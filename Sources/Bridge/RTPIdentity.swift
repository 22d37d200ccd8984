import RTP

/// Who we are in one RTP session.
package struct RTPIdentity: Sendable {
    let ssrc: UInt32
    /// Of our retransmissions (RFC 4588 section 5.3: a stream of their own).
    let repairSSRC: UInt32
    /// The same for both media of a site, so that it can tell that they belong together; random (RFC 7022).
    let cname: String
    /// The streams to go on with; `nil`: new ones.
    var position: ResumePoint?
    var repairPosition: ResumePoint?

    /// Goes on with the streams of the process before, unless they are secured.
    init(video streams: SavedState.Streams?, cname: String, isSecured: Bool) {
        let new = Self.random(cname: cname)
        position = isSecured ? nil : streams?.video
        repairPosition = position == nil ? nil : streams?.repair
        self.cname = cname
        ssrc = position?.ssrc ?? new.ssrc
        repairSSRC = repairPosition?.ssrc ?? new.repairSSRC
    }

    init(audio streams: SavedState.Streams?, cname: String, isSecured: Bool) {
        let new = Self.random(cname: cname)
        position = isSecured ? nil : streams?.audio
        self.cname = cname
        ssrc = position?.ssrc ?? new.ssrc
        repairSSRC = new.repairSSRC
    }

    private init(ssrc: UInt32, repairSSRC: UInt32, cname: String) {
        self.ssrc = ssrc
        self.repairSSRC = repairSSRC
        self.cname = cname
    }

    static func random(cname: String) -> RTPIdentity {
        let ssrc = UInt32.random(in: 1 ... .max)
        return RTPIdentity(ssrc: ssrc, repairSSRC: ssrc ^ .random(in: 1 ... .max), cname: cname)
    }

    /// 96 random bits in base 36, as RFC 7022 section 4.2 wants them.
    package static func randomCNAME() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt32.random(in: .min ... .max), radix: 36)
    }
}
