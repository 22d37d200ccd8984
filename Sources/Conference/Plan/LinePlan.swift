import Media

/// The second of two lines that carry one medium, packet by packet the same (SMPTE ST 2022-7).
package struct SecondLine: Hashable, Sendable {
    /// The local UDP port of the second line; RTCP is taken on it and on `port + 1`. `nil`: only sent on.
    package var port: Int?
    /// Where the same packets go a second time; `nil`: only received on.
    package var destination: HostPort?

    package init(port: Int?, destination: HostPort?) {
        self.port = port
        self.destination = destination
    }
}

/// SRTP of one medium, keyed by SDES (RFC 3711, 4568).
package struct SecurityPlan: Hashable, Sendable {
    /// What the site protects its packets with.
    package var receiveKey: MasterKey
    /// What we protect ours with.
    package var sendKey: MasterKey

    package init(receiveKey: MasterKey, sendKey: MasterKey) {
        self.receiveKey = receiveKey
        self.sendKey = sendKey
    }
}

/// How one site's pictures are repaired: what was negotiated beyond the media itself.
package struct RepairPlan: Hashable, Sendable {
    /// The kinds of RTCP feedback in use.
    package var feedback: FeedbackKinds
    /// The payload type of our own retransmissions (RFC 4588); `nil`: lost packets are sent again as they were.
    package var retransmission: PayloadType?
    /// The payload types of the site's retransmissions, and that of the packets each one repeats.
    package var retransmitted: [PayloadType: PayloadType]
    /// The payload type of ULPFEC (RFC 5109), both ways; `nil`: none.
    package var fec: PayloadType?
    /// The payload type of the redundant format that media and FEC come in (RFC 2198), both ways; `nil`: none.
    package var redundant: PayloadType?
    /// The id of the header extension with transport-wide sequence numbers, 1 to 14, on what we send; `nil`: none.
    package var transportExtension: Int?

    package init(
        feedback: FeedbackKinds = .standard, retransmission: PayloadType? = nil,
        retransmitted: [PayloadType: PayloadType] = [:], fec: PayloadType? = nil, redundant: PayloadType? = nil,
        transportExtension: Int? = nil
    ) {
        self.feedback = feedback
        self.retransmission = retransmission
        self.retransmitted = retransmitted
        self.fec = fec
        self.redundant = redundant
        self.transportExtension = transportExtension
    }
}
