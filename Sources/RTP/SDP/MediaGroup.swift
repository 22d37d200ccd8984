/// Media that belong together: `a=group` (RFC 5888).
package struct MediaGroup: Hashable, Sendable {
    /// In upper case: `DUP`, `LS`, `BUNDLE`, …
    package var semantics: String
    /// The `a=mid` of its media, in their order.
    package var mids: [String]

    package init(semantics: String, mids: [String]) {
        self.semantics = semantics
        self.mids = mids
    }

    /// The same packets on several lines (RFC 7104 section 3).
    package static let duplication = "DUP"
}

extension SessionDescription {
    /// The medium that carries the same packets as `medium` on a second line; `nil` if there is none.
    package func duplicate(of medium: MediaDescription) -> MediaDescription? {
        guard let mid = medium.mid else { return nil }
        let mids = groups.lazy.filter { $0.semantics == MediaGroup.duplication && $0.mids.contains(mid) }
            .flatMap(\.mids)
        return media.first { other in
            guard let otherMid = other.mid, otherMid != mid, other.kind == medium.kind, other.port != 0 else {
                return false
            }
            return mids.contains(otherMid)
        }
    }
}
