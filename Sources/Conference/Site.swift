import Media

/// One endpoint of the running conference: what was asked for, and how it stands now.
package struct Site: Sendable {
    package let plan: SitePlan
    /// Whether the site takes part: it is shown, heard and served.
    package internal(set) var isEnabled = true
    package internal(set) var isMuted: Bool
    /// Gain of its sound in the mix, in dB.
    package internal(set) var gain: Double
    /// Its own layout instead of its program's.
    package internal(set) var layout: Layout?
    /// How its cell looks.
    package internal(set) var appearance: Appearance

    init(_ plan: SitePlan) {
        self.plan = plan
        isMuted = plan.isMuted
        gain = plan.gain
        layout = plan.layout
        appearance = .slate(plan.video == nil ? .audioOnly : .waiting)
    }

    package var id: SiteID { plan.id }

    var entry: Roster.Entry {
        Roster.Entry(id, kind: plan.kind, sendsPicture: plan.video != nil, hasPicture: appearance.hasPicture)
    }
}
