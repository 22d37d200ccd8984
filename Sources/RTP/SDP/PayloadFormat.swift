import Media

/// A payload type with what `a=rtpmap` and `a=fmtp` say about it.
package struct PayloadFormat: Equatable, Sendable {
    package struct Parameter: Equatable, Sendable {
        /// In lower case.
        package var name: String
        /// Empty for a bare word.
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var payloadType: PayloadType
    /// In lower case: names are compared without regard to case (RFC 4855 section 3). Empty if no rtpmap told it.
    package var encodingName: String
    /// In Hz.
    package var clockRate: Int
    package var channels: Int
    /// In the order they stand.
    package var parameters: [Parameter] = []

    package init(payloadType: PayloadType, encodingName: String, clockRate: Int, channels: Int = 1) {
        self.payloadType = payloadType
        self.encodingName = encodingName.lowercased()
        self.clockRate = clockRate
        self.channels = channels
    }

    /// A video codec with its own clock.
    package init(_ codec: VideoCodec, payloadType: PayloadType) {
        self.init(payloadType: payloadType, encodingName: codec.rawValue, clockRate: VideoCodec.clockRate)
    }

    /// An audio codec with its own clock and channels.
    package init(_ codec: AudioCodec, payloadType: PayloadType) {
        self.init(
            payloadType: payloadType, encodingName: codec.rawValue, clockRate: codec.clockRate,
            channels: codec.encodingChannels)
    }

    /// A payload type without `a=rtpmap`: the static ones of RFC 3551 table 4 that are known here.
    init(static payloadType: PayloadType) {
        let codec: AudioCodec? =
            switch payloadType.rawValue {
            case 0: .pcmu
            case 8: .pcma
            case 9: .g722
            default: nil
            }
        if let codec {
            self.init(codec, payloadType: payloadType)
        } else {
            self.init(payloadType: payloadType, encodingName: "", clockRate: 0)
        }
    }

    /// `nil` if no codec here has this name and clock.
    package var videoCodec: VideoCodec? {
        clockRate == VideoCodec.clockRate ? VideoCodec(rawValue: encodingName) : nil
    }

    /// `nil` if no codec here has this name and clock.
    package var audioCodec: AudioCodec? {
        guard let codec = AudioCodec(rawValue: encodingName), codec.clockRate == clockRate else { return nil }
        return codec
    }

    /// The value of a format parameter; `nil` if it is not there.
    /// - Parameter name: in lower case.
    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }
}

/// The formats that repair another: they carry no codec of their own, and have the clock of what they repair.
extension PayloadFormat {
    package enum Repair: String, Sendable {
        /// Retransmissions (RFC 4588); `apt` says of what.
        case retransmission = "rtx"
        /// Forward error correction (RFC 5109).
        case fec = "ulpfec"
        /// Redundant data, which FEC comes in (RFC 2198).
        case redundant = "red"
    }

    /// `nil` if it repairs nothing that is known here.
    package var repair: Repair? { Repair(rawValue: encodingName) }

    /// `apt`: the payload type that these are retransmissions of (RFC 4588 section 8.6); `nil` if it was not said.
    package var associatedPayloadType: PayloadType? {
        parameter("apt").flatMap { Int($0) }.flatMap { PayloadType($0) }
    }

    /// A format that repairs video.
    package init(_ repair: Repair, payloadType: PayloadType, of associated: PayloadType? = nil) {
        self.init(payloadType: payloadType, encodingName: repair.rawValue, clockRate: VideoCodec.clockRate)
        if let associated { parameters = [Parameter("apt", "\(associated)")] }
    }
}

/// What H.264's format parameters mean (RFC 6184 section 8.1).
extension PayloadFormat {
    /// `packetization-mode`: 0 to 2; 0 if it was not said.
    package var packetizationMode: Int { parameter("packetization-mode").flatMap { Int($0) } ?? 0 }

    /// `profile-level-id`: profile_idc, constraint flags and level_idc in 24 bits. `nil` if it was not said.
    package var profileLevelID: UInt32? {
        guard let text = parameter("profile-level-id"), text.utf8.count == 6 else { return nil }
        return UInt32(text, radix: 16)
    }

    /// The NAL units given out of band, without start codes: `sprop-parameter-sets` of H.264, `sprop-vps`, `-sps` and
    /// `-pps` of H.265 (RFC 7798 section 7.1), in the order a decoder wants them.
    package var parameterSets: [[UInt8]] {
        ["sprop-parameter-sets", "sprop-vps", "sprop-sps", "sprop-pps"].flatMap { name in
            (parameter(name) ?? "").split(separator: ",").compactMap { Base64.decode($0.utf8) }.filter { !$0.isEmpty }
        }
    }

    /// An H.264 format as SDP tells it to a receiver.
    /// - Parameters:
    ///   - profileLevelID: 24 bits, `0x42E01F` for constrained baseline at level 3.1.
    ///   - parameterSets: SPS and PPS; empty if they come in band only.
    package static func h264(
        payloadType: PayloadType, packetizationMode: H264Packetizer.Mode, profileLevelID: UInt32,
        parameterSets: [[UInt8]] = []
    ) -> PayloadFormat {
        var format = PayloadFormat(.h264, payloadType: payloadType)
        let digits = String(profileLevelID & 0xFF_FFFF, radix: 16, uppercase: true)
        format.parameters = [
            Parameter("packetization-mode", String(packetizationMode.rawValue)),
            Parameter("profile-level-id", String(repeating: "0", count: 6 - digits.count) + digits),
        ]
        if !parameterSets.isEmpty {
            let sets = parameterSets.map { Base64.encode($0) }.joined(separator: ",")
            format.parameters.append(Parameter("sprop-parameter-sets", sets))
        }
        return format
    }
}
