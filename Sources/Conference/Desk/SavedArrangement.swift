import Media

/// What operators have arranged, as it is kept over a restart: in the words that they would use.
package struct SavedArrangement: Codable, Hashable, Sendable {
    struct Place: Codable, Hashable, Sendable {
        var enabled: Bool
        var muted: Bool
        var gain: Double
        var layout: String?
    }

    struct Picture: Codable, Hashable, Sendable {
        var layout: String
        var caption: String?
    }

    var sites: [String: Place]
    var programs: [String: Picture]
    var lecturer: String?
    var slides: String?
    var calledUp: String?
    var hub: String?

    init(_ arrangement: Arrangement) {
        sites = Dictionary(
            uniqueKeysWithValues: arrangement.places.map { id, place in
                (
                    id.rawValue,
                    Place(
                        enabled: place.isEnabled, muted: place.isMuted, gain: place.gain,
                        layout: place.layout?.description)
                )
            })
        programs = Dictionary(
            uniqueKeysWithValues: arrangement.pictures.map { id, picture in
                (id.rawValue, Picture(layout: picture.layout.description, caption: picture.caption))
            })
        lecturer = arrangement.lecturer?.rawValue
        slides = arrangement.slides?.rawValue
        calledUp = arrangement.calledUp?.rawValue
        hub = arrangement.hub?.rawValue
    }
}

extension Conference {
    package var savedArrangement: SavedArrangement { SavedArrangement(arrangement) }

    /// Arranges it as it was; what names a site or program that isn't there any more is left as the config file has it.
    package mutating func restore(_ saved: SavedArrangement) {
        let known = Set(sites.map(\.id))
        func site(_ text: String?) -> SiteID? { text.flatMap(SiteID.init).flatMap { known.contains($0) ? $0 : nil } }
        func layout(_ text: String?) -> Layout? { text.flatMap { try? Layout.parse($0, knownSites: known) } }
        var next = arrangement
        for (id, place) in saved.sites {
            guard let id = site(id), ConferencePlan.gains.contains(place.gain) else { continue }
            next.places[id] = .init(
                isEnabled: place.enabled, isMuted: place.muted, gain: place.gain, layout: layout(place.layout))
        }
        for (id, picture) in saved.programs {
            guard let id = ProgramID(id), let layout = layout(picture.layout), next.pictures[id] != nil else {
                continue
            }
            next.pictures[id] = .init(layout: layout, caption: picture.caption)
        }
        next.lecturer = site(saved.lecturer)
        next.slides = site(saved.slides)
        next.calledUp = site(saved.calledUp)
        next.hub = site(saved.hub)
        arrange(next)
    }
}
