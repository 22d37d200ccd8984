/// The one-byte header of an H.264 NAL unit, and of the RTP payload structures that borrow its form (RFC 6184
/// section 1.3).
package struct H264NALUnit: Equatable, Sendable {
    /// `nal_unit_type`: 5 bits, 1 to 23 from H.264 table 7-1, 24 to 29 from RFC 6184 table 1.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// A coded slice of a picture that is no IDR picture.
        package static let slice = Kind(rawValue: 1)
        /// Data partition A, the one with the slice header.
        package static let partitionA = Kind(rawValue: 2)
        package static let partitionB = Kind(rawValue: 3)
        package static let partitionC = Kind(rawValue: 4)
        /// A coded slice of an IDR picture.
        package static let idr = Kind(rawValue: 5)
        /// Supplemental enhancement information.
        package static let sei = Kind(rawValue: 6)
        /// Sequence parameter set.
        package static let sps = Kind(rawValue: 7)
        /// Picture parameter set.
        package static let pps = Kind(rawValue: 8)
        /// Access unit delimiter.
        package static let aud = Kind(rawValue: 9)
        package static let endOfSequence = Kind(rawValue: 10)
        package static let endOfStream = Kind(rawValue: 11)
        package static let filler = Kind(rawValue: 12)
        package static let spsExtension = Kind(rawValue: 13)
        package static let prefix = Kind(rawValue: 14)
        package static let subsetSPS = Kind(rawValue: 15)

        package static let stapA = Kind(rawValue: 24)
        package static let stapB = Kind(rawValue: 25)
        package static let mtap16 = Kind(rawValue: 26)
        package static let mtap24 = Kind(rawValue: 27)
        package static let fuA = Kind(rawValue: 28)
        package static let fuB = Kind(rawValue: 29)

        /// Whether it carries samples of a picture: a slice or a data partition.
        package var isSlice: Bool { (1...5).contains(rawValue) }
        /// Whether it may stand in a NAL unit stream as it is: types 24 to 31 exist on the wire only, 0 nowhere.
        package var isSingleNALUnit: Bool { (1...23).contains(rawValue) }
    }

    package var kind: Kind
    /// `nal_ref_idc`: 0 to 3, 0 if no other picture refers to it.
    package var referenceIDC: UInt8
    /// `forbidden_zero_bit`: set by a gateway that knows of bit errors, or by an attacker.
    package var isForbidden: Bool

    package init(kind: Kind, referenceIDC: UInt8, isForbidden: Bool = false) {
        self.kind = kind
        self.referenceIDC = referenceIDC & 3
        self.isForbidden = isForbidden
    }

    /// Splits the header byte; every byte is one.
    package init(header: UInt8) {
        self.init(kind: Kind(rawValue: header & 0x1F), referenceIDC: header >> 5 & 3, isForbidden: header & 0x80 != 0)
    }

    /// The header byte.
    package var header: UInt8 { (isForbidden ? 0x80 : 0) | referenceIDC << 5 | kind.rawValue & 0x1F }
}
