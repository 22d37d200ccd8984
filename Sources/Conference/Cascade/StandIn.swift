import Media

/// Who is shown in the place of an uplink that is dead, and with what words.
package struct StandIn: Hashable, Sendable {
    package var hub: SiteID
    /// The uplinks that are dead, each with the caption of the cell that shows the hub for it.
    package var captions: [SiteID: String]

    package init(hub: SiteID, captions: [SiteID: String]) {
        self.hub = hub
        self.captions = captions
    }

    /// Such as `Mất tín hiệu Trung ương · no signal from Trung ương`.
    package static func caption(for name: String) -> String {
        "Mất tín hiệu \(name) · no signal from \(name)"
    }
}
