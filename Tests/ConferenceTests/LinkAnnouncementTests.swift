import Conference
import Media
import Testing

@Suite struct LinkAnnouncements {
    private typealias Entry = LinkAnnouncement.Entry

    /// An announcement with something of everything.
    private static let example = LinkAnnouncement(
        path: [1, 0xFFFF_FFFF_FFFF_FFFF, 77].map(BridgeID.init(rawValue:)), shown: "Hội trường · Xã Đại Bái",
        roster: [
            Entry(id: .named("gia-binh"), name: "Huyện ủy Gia Bình", isSpeaking: true),
            Entry(kind: .downlink, id: .named("xa"), name: "Các xã", hasPicture: false, isMuted: true),
            Entry(depth: 1, id: .named("dai-bai"), name: "Xã Đại Bái"),
            Entry(depth: 2, id: .named("thon"), name: ""), Entry(kind: .uplink, id: .named("tw"), name: "Trung ương"),
        ], omitted: 3)

    private func read(_ bytes: [UInt8]) -> LinkAnnouncement.Reading { bytes.withUnsafeBytes(LinkAnnouncement.read) }

    /// A roster of a site at depth 0 for each one of `below`, with so many sites below it.
    private func roster(below counts: [Int], nameLength: Int) -> [Entry] {
        var roster: [Entry] = []
        for (link, count) in counts.enumerated() {
            roster.append(Entry(kind: .downlink, id: .named("link-\(link)"), name: "Link \(link)"))
            for site in 0..<count {
                let name = String(repeating: "x", count: nameLength)
                roster.append(Entry(depth: 1, id: .named("s-\(link)-\(site)"), name: name))
            }
        }
        return roster
    }

    @Test func whatIsWrittenIsRead() {
        #expect(read(Self.example.encoded()) == .announcement(Self.example))
        let least = LinkAnnouncement(path: [BridgeID(rawValue: 5)])
        #expect(read(least.encoded()) == .announcement(least))
        #expect(least.encoded().count < 32)
    }

    @Test func paddingBehindIsPassedOver() {
        #expect(read(Self.example.encoded() + [0, 0, 0]) == .announcement(Self.example))
    }

    @Test func cutShortAnywhereItIsMalformed() {
        let bytes = Self.example.encoded()
        for count in 0..<bytes.count { #expect(read(Array(bytes[..<count])) == .malformed, "\(count) bytes") }
    }

    @Test func elementsOfALaterVersionArePassedOver() {
        var bytes = Self.example.encoded()
        bytes[1] = 9
        bytes += [200, 0, 3, 1, 2, 3]
        #expect(read(bytes) == .announcement(Self.example))
        // One more byte at the end of the first entry, which is of type 4.
        let start = 2 + 3 + 24 + 3 + "Hội trường · Xã Đại Bái".utf8.count + 3 + 6
        #expect(bytes[start] == 4)
        bytes.insert(0xAB, at: start + 3 + Int(bytes[start + 2]))
        bytes[start + 2] += 1
        #expect(read(bytes) == .announcement(Self.example))
    }

    @Test func anotherMajorVersionIsTold() {
        var bytes = Self.example.encoded()
        bytes[0] = LinkAnnouncement.majorVersion + 1
        #expect(read(bytes) == .otherVersion(Int(LinkAnnouncement.majorVersion) + 1))
        // Whatever else may be in it.
        #expect(read([7, 0, 255]) == .otherVersion(7))
    }

    @Test func deepestEntriesAreLeftOutFirst() throws {
        let roster = roster(below: [200, 200], nameLength: 60)
        let announcement = LinkAnnouncement(path: [BridgeID(rawValue: 5)], roster: roster, omitted: 2)
        let bytes = announcement.encoded()
        #expect((16_000...LinkAnnouncement.maximumSize).contains(bytes.count))
        guard case .announcement(let back) = read(bytes) else { throw BadReading() }
        #expect(back.roster.count + back.omitted == roster.count + 2)
        #expect(back.roster.filter { $0.depth == 0 }.map(\.id) == [.named("link-0"), .named("link-1")])
        #expect(back.roster == Array(roster[..<201] + roster[201...].prefix(back.roster.count - 201)))
    }

    @Test func noMoreThanFiveHundredAreNamed() throws {
        let roster = roster(below: [300, 300], nameLength: 1)
        guard
            case .announcement(let back) = read(LinkAnnouncement(path: [.init(rawValue: 5)], roster: roster).encoded())
        else { throw BadReading() }
        #expect(back.roster.count == LinkAnnouncement.maximumRoster && back.omitted == 102)
        #expect(back.roster.contains { $0.id == .named("link-1") })
    }

    @Test func namesAreMadeFit() throws {
        let names = ["a\u{1B}[2Jb\n\u{2028}c\u{85}", String(repeating: "ệ", count: 300)]
        let announcement = LinkAnnouncement(
            path: [.init(rawValue: 5)], shown: names[0],
            roster: names.map { Entry(id: .number(1), name: $0) })
        guard case .announcement(let back) = read(announcement.encoded()) else { throw BadReading() }
        #expect(back.shown == "a[2Jbc")
        #expect(back.roster.map(\.name) == ["a[2Jbc", String(repeating: "ệ", count: 133)])
    }

    @Test(
        arguments: [
            [1, 0], [1, 0, 1, 0, 0, 3, 0, 6, 0, 0, 0, 0, 0, 0],  // no path, an empty one
            [1, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0],  // half an id
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1],  // no roster
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 6, 0, 1, 0, 0, 0, 0],  // an entry that doesn't come
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 0xFF, 3, 0, 6, 0, 0, 0, 0, 0, 0],  // not UTF-8
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 1, 0x1B, 3, 0, 6, 0, 0, 0, 0, 0, 0],  // a control character
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 6, 0, 1, 0, 0, 0, 0, 4, 0, 7, 1, 0, 0, 1, 97, 0, 0],
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 6, 0, 1, 0, 0, 0, 0, 4, 0, 7, 0, 0, 0, 1, 65, 0, 0],
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 6, 0xFF, 0xFF, 0, 0, 0, 0],  // 65,535 entries
            [1, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 0, 6, 0, 0, 0, 0, 0, 0],
        ] as [[UInt8]]) func malformed(bytes: [UInt8])
    { #expect(read(bytes) == .malformed) }

    /// Bytes by chance, and good ones with a few changed: nothing traps, and what is read can be written again.
    @Test(arguments: [1, 2, 3] as [UInt64]) func anyBytes(seed: UInt64) {
        var random = Seeded(seed)
        let good = Self.example.encoded()
        for round in 0..<2_000 {
            var bytes = good
            if round % 2 == 0 {
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
                }
            } else {
                bytes = [1, 0]
                for _ in 0..<Int.random(in: 0...60, using: &random) {
                    bytes.append(.random(in: 0...12, using: &random))
                }
            }
            guard case .announcement(let announcement) = read(bytes) else { continue }
            #expect(read(announcement.encoded()) == .announcement(announcement))
        }
    }

    private struct BadReading: Error {}
}
