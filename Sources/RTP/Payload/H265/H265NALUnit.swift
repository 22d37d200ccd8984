/// The two-byte header of an H.265 NAL unit, and of the RTP payload structures that borrow its form (RFC 7798
/// section 1.1.4).
package struct H265NALUnit: Equatable, Sendable {
    /// `nal_unit_type`: 6 bits, 0 to 40 from H.265 table 7-1, 48 to 50 from RFC 7798 section 4.4.
    package struct Kind: RawRepresentable, Hashable, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let idrWithLeading = Kind(rawValue: 19)
        package static let idr = Kind(rawValue: 20)
        /// A clean random access picture: leading pictures that follow it may refer to what was before.
        package static let cra = Kind(rawValue: 21)
        package static let vps = Kind(rawValue: 32)
        package static let sps = Kind(rawValue: 33)
        package static let pps = Kind(rawValue: 34)
        package static let aud = Kind(rawValue: 35)
        package static let filler = Kind(rawValue: 38)
        package static let prefixSEI = Kind(rawValue: 39)
        package static let suffixSEI = Kind(rawValue: 40)

        /// Aggregation packet.
        package static let ap = Kind(rawValue: 48)
        /// Fragmentation unit.
        package static let fu = Kind(rawValue: 49)
        /// A packet with payload content information (RFC 7798 section 4.4.4).
        package static let paci = Kind(rawValue: 50)

        /// Whether it carries samples of a picture (VCL).
        package var isSlice: Bool { rawValue < 32 }
        /// Whether a decoder can start at it: an intra random access picture (types 16 to 23).
        package var isRandomAccess: Bool { (16...23).contains(rawValue) }
        /// Whether it may stand in a NAL unit stream as it is: types from 48 on exist on the wire only.
        package var isSingleNALUnit: Bool { rawValue < 48 }
    }

    package var kind: Kind
    /// `nuh_layer_id`: 0 to 63, 0 for the base layer.
    package var layer: UInt8
    /// `nuh_temporal_id_plus1`: 1 to 7; 0 is forbidden.
    package var temporalIDPlus1: UInt8
    /// `forbidden_zero_bit`.
    package var isForbidden: Bool

    /// The size of the header.
    package static let headerSize = 2

    package init(kind: Kind, layer: UInt8 = 0, temporalIDPlus1: UInt8 = 1, isForbidden: Bool = false) {
        self.kind = kind
        self.layer = layer & 0x3F
        self.temporalIDPlus1 = temporalIDPlus1 & 7
        self.isForbidden = isForbidden
    }

    /// Splits the header's 16 bits; every value is one.
    package init(header: UInt16) {
        self.init(
            kind: Kind(rawValue: UInt8(truncatingIfNeeded: header >> 9) & 0x3F),
            layer: UInt8(truncatingIfNeeded: header >> 3) & 0x3F,
            temporalIDPlus1: UInt8(truncatingIfNeeded: header) & 7, isForbidden: header & 0x8000 != 0)
    }

    /// The header's 16 bits.
    package var header: UInt16 {
        (isForbidden ? 0x8000 : 0) | UInt16(kind.rawValue & 0x3F) << 9 | UInt16(layer) << 3 | UInt16(temporalIDPlus1)
    }
}
