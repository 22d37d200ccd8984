import Conference
import Media

/// One program as the operator wrote it, read: `id=return,to=trung-uong,layout=speaker,sound=all`.
package struct ProgramSpecification: Hashable, Sendable {
    package static let keys = ["id", "to", "layout", "sound", "size", "fps", "fit", "alarms"]

    package var plan: ProgramPlan
    /// Where `to` stands.
    package var origin: Origin

    /// Reads `reader`'s specification.
    ///
    /// - Parameters:
    ///   - standard: what holds where the specification says nothing; its id and viewers don't count.
    ///   - sites: every site of the conference.
    /// - Returns: `nil` if anything was refused.
    package static func read(
        _ reader: inout SpecificationReader, standard: ProgramPlan, sites: [SiteID]
    ) -> ProgramSpecification? {
        reader.refuseUnknown(besides: keys)
        let id = reader.read("id", as: ValueForm(SiteID.expectation) { ProgramID($0) })
        if !reader.has("id") { reader.refuse("id", expected: "id=ID: \(SiteID.expectation)") }
        let layout = reader.readLayout("layout", sites: Set(sites))
        let viewers = reader.read("to", as: .ids(of: sites))
        if !reader.has("to"), let id, id != .room {
            reader.refuse("to", expected: "to=ID, the sites that get the program, joined by \"+\"")
        }
        let sound = reader.read("sound", as: .sound(of: sites))
        let size = reader.read("size", as: .size)
        let frameRate = reader.read("fps", as: .wholeNumber(1...60))
        let fit = reader.read("fit", as: ValueForm<Fit>.word)
        let showsAlarms = reader.read("alarms", as: .truth)
        guard reader.refusals.isEmpty, let id else { return nil }
        return ProgramSpecification(
            plan: ProgramPlan(
                id: id, layout: layout ?? standard.layout, viewers: viewers ?? [], sound: sound ?? standard.sound,
                size: size ?? standard.size, frameRate: frameRate ?? standard.frameRate, fit: fit ?? standard.fit,
                showsAlarms: showsAlarms ?? standard.showsAlarms),
            origin: reader.specification["to"]?.origin ?? reader.specification.origin)
    }
}

extension ValueForm where Value == [SiteID] {
    /// Ids joined by `+`, each of one of `sites`, none twice.
    package static func ids(of sites: [SiteID]) -> Self {
        Self("ids of sites joined by \"+\", of " + sites.map(\.rawValue).joined(separator: ", ")) { text in
            let words = text.split(separator: "+", omittingEmptySubsequences: false)
            let ids = words.compactMap { word in sites.first { $0.rawValue == word } }
            return ids.count == words.count && Set(ids).count == ids.count ? ids : nil
        }
    }
}

extension ValueForm where Value == SoundRule {
    package static func sound(of sites: [SiteID]) -> Self {
        let ids = ValueForm<[SiteID]>.ids(of: sites)
        return Self("all, none, or " + ids.expected) { text in
            switch text {
            case "all": .all
            case "none": SoundRule.none
            default: ids.parse(text).map { .only(Set($0)) }
            }
        }
    }
}

extension SpecificationReader {
    /// A layout by name or drawing; `nil` if it isn't there, or was refused.
    package mutating func readLayout(_ key: String, sites: Set<SiteID>) -> Layout? {
        guard let field = specification[key] else { return nil }
        do {
            return try Layout.parse(field.value, knownSites: sites)
        } catch {
            refuse(field, reason: error.description)
            return nil
        }
    }
}
