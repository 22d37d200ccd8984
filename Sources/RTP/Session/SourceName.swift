/// What a mixer says of a source that is in its stream (RFC 3550 section 7.3).
package struct SourceName: Hashable, Sendable {
    package var ssrc: UInt32
    /// The source's own, which a mixer does not change.
    package var cname: String
    /// For people; empty for none.
    package var name: String

    package init(ssrc: UInt32, cname: String, name: String) {
        self.ssrc = ssrc
        self.cname = cname
        self.name = name
    }
}
