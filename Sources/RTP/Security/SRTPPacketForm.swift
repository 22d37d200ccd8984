import Media

/// The lengths of protected packets of one suite. They are checked before libsrtp sees a packet: it has read past short
/// ones before (`srtp_unprotect_rtcp`), and its sums of signed and unsigned lengths wrap.
struct SRTPPacketForm {
    /// Bytes of the tag behind an RTP packet.
    let tagSize: Int
    /// Bytes of the tag in an RTCP packet.
    let controlTagSize: Int
    /// In GCM the word with the index comes last, else the tag does (RFC 7714 section 9.2, RFC 3711 section 3.4).
    let isAuthenticatedEncryption: Bool

    private static let controlHeaderSize = 8
    private static let controlIndexSize = 4

    init(_ suite: CryptoSuite) {
        switch suite {
        case .aes128CounterSHA1_80: (tagSize, controlTagSize, isAuthenticatedEncryption) = (10, 10, false)
        case .aes128CounterSHA1_32: (tagSize, controlTagSize, isAuthenticatedEncryption) = (4, 10, false)
        case .aes128GCM, .aes256GCM: (tagSize, controlTagSize, isAuthenticatedEncryption) = (16, 16, true)
        }
    }

    /// The size of `packet`'s RTP header, CSRCs and extension included; `nil` if it is not RTP, or does not fit with
    /// `tagSize` bytes behind it. Its payload may be encrypted: the padding can't be looked at.
    func headerSize(of packet: UnsafeRawBufferPointer, tagSize: Int) -> Int? {
        guard packet.count >= RTPHeader.fixedSize + tagSize, packet[0] >> 6 == 2 else { return nil }
        let end = packet.count - tagSize
        var size = RTPHeader.fixedSize + 4 * Int(packet[0] & 0x0F)
        if packet[0] & 0x10 != 0 {
            guard size + 4 <= end else { return nil }
            size += 4 + 4 * Int(packet.bigEndian16(at: size + 2))
        }
        return size <= end ? size : nil
    }

    /// Whether `packet` is RTCP as a sender has it before it is protected.
    func holds(plainControl packet: UnsafeRawBufferPointer) -> Bool {
        packet.count >= Self.controlHeaderSize && packet[0] >> 6 == 2
    }

    /// Whether `packet` is long enough for SRTCP, and says that it is encrypted: a peer can't switch that off.
    func holds(protectedControl packet: UnsafeRawBufferPointer) -> Bool {
        let trailer = controlTagSize + Self.controlIndexSize
        guard packet.count >= Self.controlHeaderSize + trailer, packet[0] >> 6 == 2 else { return false }
        let index = packet.count - (isAuthenticatedEncryption ? Self.controlIndexSize : trailer)
        return packet[index] & 0x80 != 0
    }
}
