import CSRTP
import Media

/// SRTP and SRTCP with one master key in one direction (RFC 3711, RFC 7714), in place, for whatever SSRCs come: all
/// media of a site that share a key may share a context, as long as their SSRCs differ.
///
/// Whoever has the key may make streams, at most `maximumSources` of which are kept; who has not makes none: libsrtp
/// allocates a stream when the first packet's tag was right, and so does nothing here for a wrong one, but for one
/// stream at a time whose roll-over counter is searched for.
///
/// Confined to its owner's queue. A packet takes no memory of ours; what libsrtp's crypto library does is its own affair.
package struct SRTPContext: ~Copyable {
    package enum Direction: Hashable, Sendable {
        /// `unprotect` only.
        case inbound
        /// `protect` only.
        case outbound
    }

    /// Bytes that must be writable behind a packet that is protected (`SRTP_MAX_TRAILER_LEN`).
    package static let trailerRoom = Int(SRTP_MAX_TRAILER_LEN)
    /// Streams with state of their own. Beyond them the one heard least recently is forgotten, with its replay window:
    /// that takes the key.
    package static let maximumSources = 32
    /// What every suite's trailer fits into, for the size of payloads: the tag, and in SRTCP the index.
    package static let largestTrailer = 20

    private static let scratchSize = 2048

    package let suite: CryptoSuite
    package let direction: Direction
    package private(set) var statistics = SRTPStatistics()

    private let session: srtp_t
    private let policy: SRTPPolicy
    private let form: SRTPPacketForm
    /// A packet as it came, while a second try at it may be needed.
    private let scratch: UnsafeMutableRawBufferPointer
    private var sources = RecentSources(capacity: SRTPContext.maximumSources)
    private var search = RollOverSearch()

    /// - Throws: if libsrtp can't be started, or lacks the suite.
    package init(key: MasterKey, direction: Direction) throws(SRTPError) {
        guard SRTPLibrary.status == srtp_err_status_ok else {
            throw SRTPError(suite: key.suite.rawValue, status: SRTPLibrary.status.rawValue)
        }
        let policy = SRTPPolicy(key: key)
        var created: srtp_t?
        let status = policy.with(direction == .inbound ? ssrc_any_inbound : ssrc_any_outbound) {
            srtp_create(&created, &$0)
        }
        guard status == srtp_err_status_ok, let created else {
            throw SRTPError(suite: key.suite.rawValue, status: status.rawValue)
        }
        session = created
        suite = key.suite
        form = SRTPPacketForm(key.suite)
        scratch = .allocate(byteCount: Self.scratchSize, alignment: 16)
        self.policy = policy
        self.direction = direction
    }

    deinit {
        srtp_dealloc(session)
        scratch.deallocate()
    }

    /// How many streams have state.
    package var sourceCount: Int { sources.count }

    // MARK: Out

    /// Encrypts and signs the packet in the first `count` bytes of `buffer`: RTP or RTCP, as its second byte says.
    ///
    /// A sequence number may come again only with the very same packet, as a retransmission: under GCM, two different
    /// ones with one number give the key of the tags away. What changes between two sendings (a header extension with
    /// the time of sending) must have been left out, or the protected packet be kept and sent again.
    /// - Precondition: the context is outbound, and `buffer` has `trailerRoom` more bytes than the packet.
    package mutating func protect(_ buffer: UnsafeMutableRawBufferPointer, count: Int) -> SRTPOutcome {
        precondition(direction == .outbound, "an inbound context protects nothing")
        precondition(
            count >= 0 && count + Self.trailerRoom <= buffer.count, "\(count) bytes of \(buffer.count) leave no room")
        let packet = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        let isControl = RTCPHeader.isRTCP(packet)
        let isWhole = isControl ? form.holds(plainControl: packet) : form.holds(rtp: packet, tagSize: 0)
        guard isWhole else { return counted(.malformed) }
        let ssrc = packet.bigEndian32(at: isControl ? 4 : 8)
        if !sources.contains(ssrc) {
            // One of ours is never forgotten: its counter would begin anew, and the same key stream with it.
            guard !sources.isFull else { return counted(.sourceLimit) }
            _ = sources.insert(ssrc)
        }
        var size = Int32(count)
        let status =
            isControl
            ? srtp_protect_rtcp(session, buffer.baseAddress, &size) : srtp_protect(session, buffer.baseAddress, &size)
        return counted(SRTPOutcome(status, count: size))
    }

    // MARK: In

    /// Checks and decrypts one datagram, RTP or RTCP, as its second byte says (RFC 5761 section 4), and checks it
    /// against the replay window. Any bytes may come.
    ///
    /// Of two lines that carry the same packets one context takes the first copy of each; the second is `replayed`.
    /// - Precondition: the context is inbound.
    package mutating func unprotect(_ datagram: UnsafeMutableRawBufferPointer) -> SRTPOutcome {
        precondition(direction == .inbound, "an outbound context unprotects nothing")
        let packet = UnsafeRawBufferPointer(datagram)
        if RTCPHeader.isRTCP(packet) {
            guard form.holds(protectedControl: packet) else { return counted(.malformed) }
            return counted(unprotectControl(datagram, ssrc: packet.bigEndian32(at: 4)))
        }
        guard form.holds(rtp: packet, tagSize: form.tagSize) else { return counted(.malformed) }
        return counted(unprotectMedia(datagram, ssrc: packet.bigEndian32(at: 8)))
    }

    private mutating func unprotectControl(_ datagram: UnsafeMutableRawBufferPointer, ssrc: UInt32) -> SRTPOutcome {
        var size = Int32(datagram.count)
        let status = srtp_unprotect_rtcp(session, datagram.baseAddress, &size)
        if status == srtp_err_status_ok, !sources.contains(ssrc) { admit(ssrc) }
        return SRTPOutcome(status, count: size)
    }

    private mutating func unprotectMedia(_ datagram: UnsafeMutableRawBufferPointer, ssrc: UInt32) -> SRTPOutcome {
        let isSearched = search.ssrc == ssrc && datagram.count <= Self.scratchSize
        // A GCM packet that failed is no longer what it was.
        if isSearched { scratch.copyMemory(from: UnsafeRawBufferPointer(datagram)) }
        var outcome = unprotectOnce(datagram)
        if isSearched, outcome == .authenticationFailed {
            datagram.copyMemory(from: UnsafeRawBufferPointer(rebasing: scratch[..<datagram.count]))
            srtp_set_stream_roc(session, ssrc, search.guess())
            outcome = unprotectOnce(datagram)
            // Zero is none: the library's own belief holds again.
            srtp_set_stream_roc(session, ssrc, 0)
            if case .ok = outcome { statistics.rollOversFound += 1 }
        }
        switch outcome {
        case .ok:
            if sources.contains(ssrc) { sources.passed(ssrc) } else { admit(ssrc) }
            if search.ssrc == ssrc { search.end() }
        case .authenticationFailed:
            noteFailure(ssrc)
        case .replayed, .malformed, .sourceLimit, .other:
            break
        }
        return outcome
    }

    private func unprotectOnce(_ datagram: UnsafeMutableRawBufferPointer) -> SRTPOutcome {
        var size = Int32(datagram.count)
        return SRTPOutcome(srtp_unprotect(session, datagram.baseAddress, &size), count: size)
    }

    /// A stream's first packet had the right tag: libsrtp holds it from now on.
    private mutating func admit(_ ssrc: UInt32) {
        if search.ssrc == ssrc { search.keepStream() }
        guard let removed = sources.insert(ssrc) else { return }
        statistics.sourcesForgotten += 1
        remove(removed)
        if search.ssrc == removed { search.end() }
    }

    /// Counts a wrong tag, and sees whether the roll-over counter is to be doubted.
    private mutating func noteFailure(_ ssrc: UInt32) {
        let failures = sources.failed(ssrc)
        guard search.ssrc != ssrc else { return }
        search.noteStranger()
        guard search.isFree, failures ?? RollOverSearch.patience >= RollOverSearch.patience else { return }
        if search.isProvisional, let earlier = search.ssrc { remove(earlier) }
        search.end()
        if failures == nil {
            let status = policy.with(ssrc_specific, ssrc: ssrc) { srtp_add_stream(session, &$0) }
            guard status == srtp_err_status_ok else { return }
            search.begin(ssrc, above: 0, isProvisional: true)
        } else {
            var counter: UInt32 = 0
            guard srtp_get_stream_roc(session, ssrc, &counter) == srtp_err_status_ok else { return }
            search.begin(ssrc, above: counter, isProvisional: false)
        }
    }

    /// libsrtp 2 takes the SSRC in network order here, and in host order everywhere else.
    private func remove(_ ssrc: UInt32) { srtp_remove_stream(session, ssrc.bigEndian) }

    private mutating func counted(_ outcome: SRTPOutcome) -> SRTPOutcome {
        statistics.count(outcome)
        return outcome
    }
}
