/// Finds the roll-over counter of one stream by trying.
///
/// An RTP packet carries 16 bits of its index; the 32 above them, the roll-over counter, both ends must know (RFC 3711
/// section 3.3.1), and SDES does not say it. Who comes late, who was restarted, or was cut off for more than 2^15
/// packets (less than two minutes of video) has a wrong one: each packet then fails its tag, for ever. So where a stream
/// only fails, each packet that failed is tried again with another counter, and what is found is proved by the tag. What
/// the library believes is always tried first: forged packets can begin a search, but not keep a true one out. It only
/// ever goes forward, so no old packet is taken twice.
struct RollOverSearch {
    /// Failures in a row before the counter of a stream that has worked is doubted.
    static let patience = 16
    /// The furthest counter tried above the known one: 2^25 packets, a day of video. A prime: forged packets between the
    /// true ones, so many each time, must not take the same turns away in every round.
    static let reach: UInt32 = 509
    /// Failed packets of other streams before the search goes over to one of them. Forged SSRCs may come in thousands: the
    /// true stream must get its turns among them.
    static let staleness = 64

    /// The stream that is searched for.
    private(set) var ssrc: UInt32?
    /// Whether libsrtp's stream was made for the search, and goes with it.
    private(set) var isProvisional = false
    private var base: UInt32 = 0
    private var step: UInt32 = 0
    private var strangers = 0

    /// Whether another stream's failure may begin a search.
    var isFree: Bool { ssrc == nil || strangers >= Self.staleness }

    /// - Parameter base: the counter the stream is believed to have.
    mutating func begin(_ ssrc: UInt32, above base: UInt32, isProvisional: Bool) {
        self = RollOverSearch()
        self.ssrc = ssrc
        self.base = base
        self.isProvisional = isProvisional
    }

    /// The counter to try on the packet of the searched stream that just failed.
    mutating func guess() -> UInt32 {
        strangers = 0
        step = step % Self.reach + 1
        return base &+ step
    }

    /// A packet of a stream that isn't searched for failed.
    mutating func noteStranger() { strangers += 1 }

    /// The stream proved itself otherwise: by RTCP, which carries its whole index.
    mutating func keepStream() { isProvisional = false }

    mutating func end() { self = RollOverSearch() }
}
