import Conference
import FuzzTargets
import Media

extension FuzzTarget {
    /// What another bridge announces: what is taken can be written, and is then the same.
    package static let linkAnnouncement = FuzzTarget(
        "link-announcement", maximumSize: 4096,
        seeds: {
            guard let room = SiteID("gia-binh"), let link = SiteID("xa") else { return [] }
            let path = [1, 2].map(BridgeID.init(rawValue:))
            return [
                LinkAnnouncement(path: path).encoded(),
                LinkAnnouncement(
                    path: path, shown: "Xã Đại Bái",
                    roster: [
                        .init(id: room, name: "Gia Bình"), .init(kind: .downlink, id: link, name: "Các xã"),
                        .init(depth: 1, id: room, name: "Xã Đại Bái", isSpeaking: true),
                    ], omitted: 1
                ).encoded(),
            ]
        },
        run: { bytes in
            guard case .announcement(let announcement) = LinkAnnouncement.read(bytes) else { return }
            promise(announcement.roster.count <= LinkAnnouncement.maximumRoster, "too many entries")
            promise(announcement.path.count <= LinkAnnouncement.maximumPath, "too many bridges")
            let written = announcement.encoded()
            promise(written.count <= LinkAnnouncement.maximumSize, "\(written.count) bytes")
            let again = written.withUnsafeBytes(LinkAnnouncement.read)
            promise(again == .announcement(announcement), "read again, it is another")
        })
}
