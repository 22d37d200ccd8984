import Media

/// A codec and the payload type it is sent with: `h265/98`.
package struct CodecForm<Codec: Hashable & Sendable>: Hashable, Sendable {
    package var codec: Codec
    package var payloadType: PayloadType

    package init(codec: Codec, payloadType: PayloadType) {
        self.codec = codec
        self.payloadType = payloadType
    }
}

extension CodecForm where Codec: RawRepresentable & CaseIterable & Sendable, Codec.RawValue == String {
    /// - Parameter standard: the payload type of a codec written without one.
    fileprivate static func form(
        example: String, standard: @escaping @Sendable (Codec) -> Int
    ) -> ValueForm<CodecForm<Codec>> {
        let names = Codec.allCases.map(\.rawValue).joined(separator: ", ")
        return ValueForm("CODEC/PAYLOAD-TYPE such as \(example): one of \(names), and a number 0-63 or 96-127") {
            text in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let codec = Codec(rawValue: parts[0].lowercased()), parts.count <= 2,
                let number = parts.count == 2
                    ? ValueForm<Int>.wholeNumber(0...127).parse(String(parts[1])) : standard(codec),
                let payloadType = PayloadType(number)
            else { return nil }
            return CodecForm(codec: codec, payloadType: payloadType)
        }
    }
}

extension ValueForm where Value == CodecForm<VideoCodec> {
    package static let videoCodec = CodecForm<VideoCodec>.form(example: "h265/98") { _ in 96 }
}

extension ValueForm where Value == CodecForm<AudioCodec> {
    /// G.711 and G.722 have payload types of their own (RFC 3551 section 6).
    package static let audioCodec = CodecForm<AudioCodec>.form(example: "pcma/8") { codec in
        switch codec {
        case .opus: 111
        case .pcmu: 0
        case .pcma: 8
        case .g722: 9
        }
    }
}
