import Media

/// One endpoint of the running conference: what was asked for, and how it stands now.
package struct Site: Sendable {
    package internal(set) var plan: SitePlan
    /// Whether the site takes part: it is shown, heard and served.
    package internal(set) var isEnabled = true
    package internal(set) var isMuted: Bool
    /// Gain of its sound in the mix, in dB.
    package internal(set) var gain: Double
    /// Its own layout instead of its program's.
    package internal(set) var layout: Layout?
    /// How its cell looks.
    package internal(set) var appearance: Appearance
    /// The name on its cell.
    package internal(set) var label: String

    var link = LinkState()
    /// The place of the link that this one is the backup of.
    var main: Int?
    /// The place of the site whose slides these are.
    var presenter: Int?
    /// The place of its backup.
    var backup: Int?
    /// Whether its backup stands for it now.
    var isOnBackup = false
    /// An uplink that is dead, as its backup is if it has one.
    var isLost = false

    init(_ plan: SitePlan) {
        self.plan = plan
        isMuted = plan.isMuted
        gain = plan.gain
        layout = plan.layout
        appearance = Self.firstAppearance(plan)
        label = plan.name
    }

    package var id: SiteID { plan.id }

    /// How its cell looks before anything is known of it.
    static func firstAppearance(_ plan: SitePlan) -> Appearance { .slate(plan.sendsPicture ? .waiting : .audioOnly) }
}
