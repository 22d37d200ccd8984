import Media

/// Which payload types a session takes, and the codec behind each: an index whose meaning is the owner's.
package struct PayloadTypeTable: Equatable, Sendable {
    private var codecs = [Int8](repeating: -1, count: 128)

    package init() {}

    /// The codec's index for a payload type, `nil` if packets of that type are dropped.
    package subscript(payloadType: PayloadType) -> Int? {
        get { codec(of: payloadType.rawValue) }
        set { codecs[Int(payloadType.rawValue)] = newValue.map { Int8(clamping: max(0, $0)) } ?? -1 }
    }

    /// As the subscript, for the seven bits of a packet's header.
    package func codec(of payloadType: UInt8) -> Int? {
        let codec = codecs[Int(payloadType & 0x7F)]
        return codec < 0 ? nil : Int(codec)
    }
}
