import Conference
import Media
import Testing

/// When announcements go out, and of what size.
@Suite struct AnnouncementTiming {
    private func conference(_ kinds: [SiteKind]) -> Conference {
        let sites = kinds.enumerated().map { SitePlan.number($0, id: .number($0), kind: $1) }
        return Conference(.room(sites, layout: .automatic), id: BridgeID(rawValue: 1))
    }

    /// The times in milliseconds at which something is sent to a site, with ticks of 20 ms.
    private func times(
        _ conference: inout Conference, to index: Int, from start: Int = 0, until end: Int,
        _ tick: (inout Conference, Int) -> Void = { _, _ in }
    ) -> [Int] {
        var times: [Int] = []
        for time in stride(from: start, to: end, by: 20) {
            tick(&conference, time)
            while let outgoing = conference.nextAnnouncement(at: .at(milliseconds: time)) {
                if outgoing.index == index { times.append(time) }
            }
        }
        return times
    }

    private func announcement(_ conference: inout Conference, to index: Int, at time: Int) -> LinkAnnouncement? {
        while let outgoing = conference.nextAnnouncement(at: .at(milliseconds: time)) {
            guard outgoing.index == index,
                case .announcement(let read) = outgoing.bytes.withUnsafeBytes(LinkAnnouncement.read)
            else { continue }
            return read
        }
        return nil
    }

    @Test func twiceASecondWithoutNews() {
        var conference = conference([.site, .downlink])
        #expect(times(&conference, to: 0, until: 2_000) == [0, 500, 1_000, 1_500])
        #expect(times(&conference, to: 1, from: 2_000, until: 3_000) == [2_000, 2_500])
    }

    @Test func eachSiteIsToldOnceARoundInItsTurn() {
        var conference = conference(Array(repeating: .site, count: 300))
        for time in [0, 500, 1_000] {
            var told: [Int] = []
            while let outgoing = conference.nextAnnouncement(at: .at(milliseconds: time)) {
                told.append(outgoing.index)
            }
            #expect(told == Array(0..<300), "at \(time) ms")
        }
        #expect(conference.nextAnnouncement(at: .at(milliseconds: 1_200)) == nil)
    }

    @Test func atOnceWithNewsButNotMoreThanTenASecond() throws {
        var conference = conference([.site, .downlink])
        let sent = times(&conference, to: 1, until: 1_000) { conference, time in
            // Every tick has its news.
            let command: Command = time / 20 % 2 == 0 ? .mute(.number(0)) : .unmute(.number(0))
            try? conference.apply(command)
        }
        #expect(sent == [0] + Array(stride(from: 120, to: 1_000, by: 120)) || sent.count <= 10)
        #expect(sent.count >= 5)
        #expect(times(&conference, to: 1, from: 1_000, until: 1_400).count <= 1)
        try conference.apply(.mute(.number(0)))
        #expect(times(&conference, to: 1, from: 1_400, until: 1_500).first.map { $0 <= 1_480 } == true)
    }

    @Test func largeRostersWaitUnlessThePathChanges() throws {
        var conference = conference([.site, .downlink, .downlink])
        let below = (0..<400).map { LinkAnnouncement.Entry(id: .named("k\($0)"), name: "Xã số \($0) của huyện") }
        func announce(_ path: [UInt64], speaking: Int, at time: Int) {
            var roster = below
            roster[speaking].isSpeaking = true
            let announcement = LinkAnnouncement(path: path.map(BridgeID.init(rawValue:)), roster: roster)
            conference.handle(.announcement(announcement), from: 2, at: .at(milliseconds: time))
        }
        announce([7], speaking: 0, at: 0)
        var bytes = 0
        for time in stride(from: 0, to: 5_000, by: 20) {
            if time % 100 == 0 { announce([7], speaking: time / 100, at: time) }
            while let outgoing = conference.nextAnnouncement(at: .at(milliseconds: time)) {
                if outgoing.index == 1 { bytes += outgoing.bytes.count }
            }
        }
        #expect((200_000..<280_000).contains(8 * bytes / 5))
        announce([7, 8], speaking: 0, at: 5_000)
        #expect(times(&conference, to: 1, from: 5_000, until: 5_140).count == 1)
    }

    /// An endpoint learns nothing of who is in the meeting.
    @Test func plainSitesAreToldThePathAlone() throws {
        var conference = conference([.site, .downlink, .site])
        let announcement = LinkAnnouncement(
            path: [BridgeID(rawValue: 7)], shown: "Xã", roster: [.init(id: .named("xa"), name: "Xã")])
        conference.handle(.announcement(announcement), from: 1, at: .zero)
        let toSite = try #require(self.announcement(&conference, to: 0, at: 0))
        #expect(toSite == LinkAnnouncement(path: [1, 7].map(BridgeID.init(rawValue:))))
        let toLink = try #require(self.announcement(&conference, to: 1, at: 0))
        #expect(toLink.path == [BridgeID(rawValue: 1)] && toLink.roster.map(\.id) == [.number(0), .number(2)])
    }

    @Test func silentPeerIsForgottenAndReadAgain() {
        var conference = conference([.site, .downlink])
        let announcement = LinkAnnouncement(path: [BridgeID(rawValue: 7)])
        var isKnown = [conference.heardAgain(from: 1, at: .zero)]
        conference.handle(.announcement(announcement), from: 1, at: .zero)
        isKnown.append(conference.heardAgain(from: 1, at: .at(milliseconds: 2_000)))
        _ = conference.nextAnnouncement(at: .at(milliseconds: 4_980))
        #expect(conference.peer(of: 1).bridge == BridgeID(rawValue: 7))
        _ = conference.nextAnnouncement(at: .at(milliseconds: 5_000))
        #expect(conference.peer(of: 1).bridge == nil)
        isKnown.append(conference.heardAgain(from: 1, at: .at(milliseconds: 5_020)))
        #expect(isKnown == [false, true, false])
    }
}
