import Bridge
import Conference
import Media

/// The sites that will share one video encode while the plan holds: the same view in the same rendition.
package struct EncodeGroupPlan: Hashable, Sendable {
    /// What makes two sites' bits the same.
    package struct Rendition: Hashable, Sendable {
        package var program: ProgramID
        /// A site's own layout makes it a view, and so an encode, of its own kind.
        package var layout: Layout
        /// The link that sees everybody but itself; `nil`: what all see. Of one cell full screen all but one link see the same.
        package var link: SiteID?
        package var codec: VideoCodec
        /// `nil` unless the codec is H.264.
        package var profile: H264Profile?
        package var packetizationMode: Int?
        package var size: Size
        package var frameRate: Int
        package var bitrate: Bitrate
    }

    package var rendition: Rendition
    package var sites: [SiteID]

    /// The groups of `plan`, in the order of their first sites. Sites that are sent no picture are in none.
    package static func groups(of plan: ConferencePlan) -> [EncodeGroupPlan] {
        var groups: [EncodeGroupPlan] = []
        for site in plan.sites {
            guard let video = site.video, video.destination != nil,
                let program = plan.programs.first(where: { $0.viewers.contains(site.id) })
            else { continue }
            let isH264 = video.codec == .h264
            let layout = plan.layout(of: site, in: program)
            let rendition = Rendition(
                program: program.id, layout: layout,
                link: site.kind == .site || layout.cells.count == 1 ? nil : site.backupOf ?? site.id,
                codec: video.codec, profile: isH264 ? video.profile : nil,
                packetizationMode: isH264 ? video.packetizationMode : nil,
                size: video.size, frameRate: video.frameRate, bitrate: video.bitrate)
            if let index = groups.firstIndex(where: { $0.rendition == rendition }) {
                groups[index].sites.append(site.id)
            } else {
                groups.append(EncodeGroupPlan(rendition: rendition, sites: [site.id]))
            }
        }
        return groups
    }
}

/// The least CPU a plan takes, from what codecs cost on the kind of machine we measured (2 cores, Debian 12).
package struct CPUFloor: Hashable, Sendable {
    /// Milliseconds to decode and scale a 720p picture.
    private static let decode = 1.9
    /// Milliseconds to encode one by x264 superfast.
    private static let encode = 5.3
    /// Microseconds to decode and to encode 20 ms of Opus.
    private static let audioDecode = 33.0
    private static let audioEncode = 159.0

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
    package init(of plan: ConferencePlan, conceding concession: Concession = .none) {
        let shares = Self.shares(concession)
        let rate = Double(plan.programs.first?.frameRate ?? 30)
        let decodes = Double(plan.sites.lazy.filter(\.sendsPicture).count)
        let encodes = EncodeGroupPlan.groups(of: plan).lazy.map { group in
            let pictures = Double(group.rendition.size.area) / (1280 * 720) * Double(group.rendition.frameRate)
            return pictures * Self.encode
        }
        video = (rate * decodes * Self.decode * shares.decode + encodes.reduce(0, +) * shares.encode) / 1000
        let sounds = Double(plan.sites.lazy.filter(\.sendsSound).count)
        let mixes = Double(plan.sites.lazy.filter { $0.audio?.destination != nil }.count)
        audio = 50 * (sounds * Self.audioDecode + mixes * Self.audioEncode) / 1e6
    }
}
