import Bridge
import Conference
import Media

/// What a machine takes for the codecs' work on one picture and one packet of sound.
package struct CodecCosts: Hashable, Sendable {
    /// Milliseconds to decode and scale a 720p picture.
    package var decode: Double
    /// Milliseconds to encode one.
    package var encode: Double
    /// Microseconds to decode and to encode 20 ms of Opus.
    package var soundDecode: Double
    package var soundEncode: Double

    package init(decode: Double, encode: Double, soundDecode: Double = 33, soundEncode: Double = 159) {
        self.decode = decode
        self.encode = encode
        self.soundDecode = soundDecode
        self.soundEncode = soundEncode
    }

    /// Of a usual server, by x264 superfast.
    package static let usual = CodecCosts(decode: 1.6, encode: 4.8)
}

/// The least CPU that a plan can take, whoever writes the bridge: decode and scale each picture, encode for each group, and
/// the same for the sound.
package struct CPUFloor: Hashable, Sendable {
    /// In cores.
    package var video: Double
    package var audio: Double
    package var cores: Double { video + audio }

    /// What a picture costs while something gives way, as a share: measured without the loop filter, and by ultrafast.
    private static func shares(_ concession: Concession) -> (decode: Double, encode: Double) {
        var shares = (decode: 1.0, encode: 1.0)
        if concession >= .loopFilter { shares.decode = 0.66 }
        if concession >= .preset { shares.encode *= 0.68 }
        if concession >= .frameRate { shares.encode /= 2 }
        if concession >= .size { shares.encode *= 4.0 / 9 }
        return shares
    }

    /// What comes in is taken as 720p at the room's rate; what goes out costs by its own size and rate. The sound is
    /// taken at its worst: everybody speaks, and no two sites can share an encode.
    package init(of plan: ConferencePlan, costs: CodecCosts = .usual, conceding concession: Concession = .none) {
        let shares = Self.shares(concession)
        let rate = Double(plan.programs.first?.frameRate ?? 30)
        let decodes = Double(plan.sites.lazy.filter(\.sendsPicture).count)
        let encodes = EncodeGroupPlan.groups(of: plan).lazy.map { group in
            let pictures = Double(group.rendition.size.area) / (1280 * 720) * Double(group.rendition.frameRate)
            return pictures * costs.encode
        }
        video = (rate * decodes * costs.decode * shares.decode + encodes.reduce(0, +) * shares.encode) / 1000
        let sounds = Double(plan.sites.lazy.filter(\.sendsSound).count)
        let mixes = Double(plan.sites.lazy.filter { $0.audio?.destination != nil }.count)
        audio = 50 * (sounds * costs.soundDecode + mixes * costs.soundEncode) / 1e6
    }
}
