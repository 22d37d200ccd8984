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
    /// Outbound only.
    private var sent: SentStreams
    /// Inbound only, as what follows.
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
        sent = SentStreams(capacity: Self.maximumSources)
        scratch = .allocate(byteCount: Self.scratchSize, alignment: 16)
        self.policy = policy
        self.direction = direction
    }

    deinit {
        srtp_dealloc(session)
        scratch.deallocate()
    }

    /// How many streams have state.
    package var sourceCount: Int { direction == .inbound ? sources.count : sent.count }

    // MARK: Out

    /// Encrypts and signs the packet in the first `count` bytes of `buffer`: RTP or RTCP, as its second byte says.
    ///
    /// A sequence number may come again, as a retransmission, only with the same payload, and under GCM with the same
    /// header: another one is refused. What changes with each sending (a transport-wide sequence number) must then stay
    /// as it was, or the protected packet be kept, or retransmissions have a stream of their own (RFC 4588).
    /// - Precondition: the context is outbound, and `buffer` has `trailerRoom` more bytes than the packet.
    package mutating func protect(_ buffer: UnsafeMutableRawBufferPointer, count: Int) -> SRTPOutcome {
        precondition(direction == .outbound, "an inbound context protects nothing")
        precondition(
            count >= 0 && count + Self.trailerRoom <= buffer.count, "\(count) bytes of \(buffer.count) leave no room")
        let packet = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        return counted(RTCPHeader.isRTCP(packet) ? protectControl(buffer, packet) : protectMedia(buffer, packet))
    }

    /// As `protect(_:count:)`, of a copy in `buffer`: a packet that is kept for retransmission stays as it is.
    package mutating func protect(
        _ packet: UnsafeRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer
    ) -> SRTPOutcome {
        precondition(packet.count + Self.trailerRoom <= buffer.count, "\(packet.count) bytes into \(buffer.count)")
        buffer.copyMemory(from: packet)
        return protect(buffer, count: packet.count)
    }

    private mutating func protectMedia(
        _ buffer: UnsafeMutableRawBufferPointer, _ packet: UnsafeRawBufferPointer
    ) -> SRTPOutcome {
        guard let headerSize = form.headerSize(of: packet, tagSize: 0) else { return .malformed }
        let fixed = form.isAuthenticatedEncryption ? packet : UnsafeRawBufferPointer(rebasing: packet[headerSize...])
        switch sent.note(packet.bigEndian32(at: 8), packet.bigEndian16(at: 2), fixed) {
        case .new, .repeated: break
        case .reused: return .sequenceReused
        case .full: return .sourceLimit
        }
        var size = Int32(packet.count)
        return SRTPOutcome(srtp_protect(session, buffer.baseAddress, &size), count: size)
    }

    private mutating func protectControl(
        _ buffer: UnsafeMutableRawBufferPointer, _ packet: UnsafeRawBufferPointer
    ) -> SRTPOutcome {
        guard form.holds(plainControl: packet) else { return .malformed }
        guard sent.admit(packet.bigEndian32(at: 4)) else { return .sourceLimit }
        var size = Int32(packet.count)
        return SRTPOutcome(srtp_protect_rtcp(session, buffer.baseAddress, &size), count: size)
    }

    // MARK: In

    /// Checks and decrypts one datagram, RTP or RTCP, as its second byte says (RFC 5761 section 4), and checks it
    /// against the replay window. Any bytes may come.
    ///
    /// Two lines that carry the same packets have a context each: to one alone, the second copy is `replayed`.
    /// - Precondition: the context is inbound.
    package mutating func unprotect(_ datagram: UnsafeMutableRawBufferPointer) -> SRTPOutcome {
        precondition(direction == .inbound, "an outbound context unprotects nothing")
        let packet = UnsafeRawBufferPointer(datagram)
        if RTCPHeader.isRTCP(packet) {
            guard form.holds(protectedControl: packet) else { return counted(.malformed) }
            return counted(unprotectControl(datagram, ssrc: packet.bigEndian32(at: 4)))
        }
        guard form.headerSize(of: packet, tagSize: form.tagSize) != nil else { return counted(.malformed) }
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
        case .replayed, .malformed, .sequenceReused, .sourceLimit, .other:
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
