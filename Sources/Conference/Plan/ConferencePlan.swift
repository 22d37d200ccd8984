import Media

/// Whose sound a program carries. The listener's own sound is always left out.
package enum SoundRule: Hashable, Sendable {
    /// Every site.
    case all
    /// No sound.
    case none
    /// These sites only.
    case only(Set<SiteID>)
}

/// How a picture that is not of its cell's shape is fitted in.
package enum Fit: String, Hashable, Sendable, CaseIterable {
    /// All of the picture, with black bars.
    case letterbox
    /// All of the cell, the picture's edges cut.
    case crop
}

/// What a set of sites sees and hears, as the operator asked for it, checked.
package struct ProgramPlan: Hashable, Sendable {
    package var id: ProgramID
    package var layout: Layout
    /// The sites that get this program.
    package var viewers: [SiteID]
    package var sound: SoundRule
    /// The size of the canvas.
    package var size: Size
    /// Ticks per second.
    package var frameRate: Int
    package var fit: Fit
    /// Whether what an operator should look at, such as a loop that was cut, stands across the bottom of its picture.
    package var showsAlarms: Bool
    /// Whether it is the slides and nothing else: nothing is sent while there are none, and whoever shows them is not sent
    /// them back.
    package var isSlides: Bool

    package init(
        id: ProgramID, layout: Layout, viewers: [SiteID], sound: SoundRule = .all, size: Size, frameRate: Int,
        fit: Fit = .letterbox, showsAlarms: Bool = false, isSlides: Bool = false
    ) {
        self.id = id
        self.layout = layout
        self.viewers = viewers
        self.sound = sound
        self.size = size
        self.frameRate = frameRate
        self.fit = fit
        self.showsAlarms = showsAlarms
        self.isSlides = isSlides
    }

    /// The slides as those sites get them that take them as a stream of their own.
    /// - Parameter viewers: the slides of all sites, as lines.
    package init?(slidesFor viewers: [SitePlan]) {
        guard let id = ProgramID("slides"), !viewers.isEmpty else { return nil }
        let videos = viewers.compactMap(\.video)
        self.init(
            id: id, layout: .slidesAlone, viewers: viewers.map(\.id), sound: .none,
            size: videos.map(\.size).max { $0.area < $1.area } ?? Size(width: 1920, height: 1080),
            frameRate: videos.map(\.frameRate).max() ?? 5, isSlides: true)
    }
}

/// A whole conference as the operator asked for it, checked: flags and config file become this, and the bridge runs it.
package struct ConferencePlan: Hashable, Sendable {
    /// In the operator's order, which is the order of the cells.
    package var sites: [SitePlan]
    /// The room program first. Every site is a viewer of exactly one program.
    package var programs: [ProgramPlan]
    /// The local address the media ports are bound to.
    package var bindAddress: String
    /// The longest time between two keyframes for who gives no feedback, in seconds.
    package var gop: Double
    /// How many of the loudest sites are mixed.
    package var loudest: Int
    /// An x264 preset; `nil`: the bridge picks.
    package var preset: String?
    /// A libavcodec encoder by name; `nil`: the best one for each site's codec.
    package var encoder: String?
    /// The site that has the lecture from the start.
    package var lecturer: SiteID?
    /// The hub room: shown upwards while nobody speaks, and in the place of an uplink that is dead. `nil`: the first site
    /// that is no link.
    package var hub: SiteID?
    /// Differentiated services code points, 0 to 63 (RFC 2474).
    package var audioDSCP: Int
    package var videoDSCP: Int

    package init(
        sites: [SitePlan], programs: [ProgramPlan], bindAddress: String = "0.0.0.0", gop: Double = 4, loudest: Int = 4,
        preset: String? = nil, encoder: String? = nil, lecturer: SiteID? = nil, hub: SiteID? = nil,
        audioDSCP: Int = 46, videoDSCP: Int = 34
    ) {
        self.sites = sites
        self.programs = programs
        self.bindAddress = bindAddress
        self.gop = gop
        self.loudest = loudest
        self.preset = preset
        self.encoder = encoder
        self.lecturer = lecturer
        self.hub = hub
        self.audioDSCP = audioDSCP
        self.videoDSCP = videoDSCP
    }
}

extension ConferencePlan {
    /// The layout that a site is sent: its own, or its program's. A backup is sent what its link is.
    package func layout(of site: SitePlan, in program: ProgramPlan) -> Layout {
        let main = site.backupOf.flatMap { id in sites.first { $0.id == id } }
        return (main ?? site).layout ?? program.layout
    }
}
