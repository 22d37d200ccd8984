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
