import Conference
import Media
import Testing

/// What links are sent, and which of them share it: an encode for each view is the dearest thing a bridge has.
@Suite struct LinkViews {
    private static let districts = ["d1", "d2", "d3"]

    /// A hall, an uplink and three districts; everybody is sent the room.
    private func conference(_ layout: Layout, lecturer: String? = nil) throws -> Conference {
        var sites = [SitePlan.number(1, id: .named("hall")), .number(2, id: .named("tw"), kind: .uplink)]
        sites += Self.districts.enumerated().map { .number(3 + $0, id: .named($1), kind: .downlink) }
        var plan = ConferencePlan.room(sites, layout: layout)
        plan.lecturer = lecturer.map(SiteID.named)
        #expect(plan.problems().isEmpty)
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        for index in conference.sites.indices { show(&conference, index) }
        return conference
    }

    private func show(_ conference: inout Conference, _ index: Int, at now: Instant = .zero) {
        var health = Health()
        health.packet(at: now)
        health.picture(at: now)
        conference.handle(health, of: index, at: now)
    }

    /// `viewers: sources` of each group.
    private func groups(_ conference: inout Conference, at now: Instant = .zero) -> [String] {
        conference.views(of: .room, at: now).map { group in
            "\(group.viewers.map(\.rawValue).joined(separator: " ")): \(group.view.line)"
        }
    }

    private func speak(_ conference: inout Conference, _ speaker: Int, from start: Int) {
        var levels = [Float](repeating: ActiveSpeaker.silence, count: conference.sites.count)
        for tick in 0..<50 { conference.handle(levels: levels.span, at: .at(milliseconds: start + 20 * tick)) }
        levels[speaker] = -20
        for tick in 50..<100 { conference.handle(levels: levels.span, at: .at(milliseconds: start + 20 * tick)) }
    }

    @Test func inALectureOneViewServesAllButTheLecturer() throws {
        var conference = try conference(try layout("lecture"), lecturer: "tw")
        speak(&conference, 0, from: 0)
        show(&conference, 1, at: .at(milliseconds: 2_000))
        #expect(groups(&conference, at: .at(milliseconds: 2_000)) == ["hall d1 d2 d3: tw", "tw: hall"])
    }

    @Test func whereWhoSpeaksIsFullScreenOnlyTheSpeakerHasAViewOfItsOwn() throws {
        var conference = try conference(try layout("speaker"))
        speak(&conference, 0, from: 0)
        #expect(groups(&conference, at: .at(milliseconds: 2_000)) == ["hall tw d1 d2 d3: hall"])
        speak(&conference, 3, from: 2_000)
        // It goes on seeing what it saw: who spoke before.
        #expect(groups(&conference, at: .at(milliseconds: 4_000)) == ["hall tw d1 d3: d2", "d2: hall"])
        speak(&conference, 4, from: 4_000)
        #expect(groups(&conference, at: .at(milliseconds: 6_000)) == ["hall tw d1 d2: d3", "d3: d2"])
    }

    @Test func inAMosaicEachLinkSeesAllButItself() throws {
        var conference = try conference(try layout("2x3"))
        #expect(
            groups(&conference) == [
                "hall: hall tw d1 d2 d3 -", "tw: hall d1 d2 d3 - -", "d1: hall tw d2 d3 - -", "d2: hall tw d1 d3 - -",
                "d3: hall tw d1 d2 - -",
            ])
    }

    @Test func whoDrawsItsNamesItselfIsApartFromWhoDoesNot() throws {
        var conference = try conference(try layout("hall", .named("hall")))
        #expect(groups(&conference) == ["hall tw d1 d2 d3: hall"])
        for index in 3...4 {
            let announcement = LinkAnnouncement(path: [BridgeID(rawValue: UInt64(10 + index))])
            conference.handle(.announcement(announcement), from: index, at: .zero)
        }
        #expect(groups(&conference) == ["hall tw d1: hall", "d2 d3: hall"])
        #expect(conference.views(of: .room, at: .zero).map(\.key.isLabelled) == [true, false])
    }

    // MARK: What stands across the picture

    @Test func troublesStandAcrossTheOperatorsPictureAndNoOther() throws {
        let desk = try #require(ProgramID("desk"))
        var plan = ConferencePlan.room(
            [.number(1), .number(2, id: .named("d1"), kind: .downlink)], layout: try layout("speaker"))
        plan.programs.append(
            ProgramPlan(
                id: desk, layout: .automatic, viewers: [], size: Size(width: 640, height: 360), frameRate: 25,
                showsAlarms: true))
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        func banner(_ program: ProgramID) -> String? { conference.views(of: program, at: .zero)[0].view.banner }
        #expect(banner(desk) == nil)
        let own = LinkAnnouncement(path: [BridgeID(rawValue: 7), BridgeID(rawValue: 1)])
        conference.handle(.announcement(own), from: 1, at: .zero)
        #expect(banner(desk) == "Vòng lặp, đã ngắt Site 2 · loop, Site 2 is cut" && banner(.room) == nil)
        // The operator's words, before the troubles.
        try conference.apply(.caption("Giải lao 15 phút", program: desk))
        try conference.apply(.caption("Giải lao", program: .room))
        #expect(banner(desk)?.hasPrefix("Giải lao 15 phút   Vòng lặp") == true && banner(.room) == "Giải lao")
        conference.handle(.announcement(LinkAnnouncement(path: [BridgeID(rawValue: 7)])), from: 1, at: .zero)
        try conference.apply(.caption(nil, program: .room))
        #expect(banner(desk) == "Giải lao 15 phút" && banner(.room) == nil)
        for text in ["", "a\nb", String(repeating: "x", count: 201)] {
            #expect(throws: CommandError.captionTooLong(text.count)) {
                try conference.apply(.caption(text, program: .room))
            }
        }
    }

    // MARK: Who may be named

    @Test func aBackupIsNamedByNobody() throws {
        var plan = ConferencePlan.room(
            [
                .number(1), .number(2, id: .named("tw"), kind: .uplink),
                .number(3, id: .named("tw2"), kind: .uplink),
            ], layout: .automatic)
        plan.sites[2].backupOf = .named("tw")
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        let refusal = CommandError.backup(.named("tw2"), of: .named("tw"))
        let commands: [Command] = [
            .lecturer(.named("tw2")), .callUp(.named("tw2")), .slides(.named("tw2")),
            .layout(try layout("tw2 *", .named("tw2")), program: .room),
        ]
        for command in commands { #expect(throws: refusal) { try conference.apply(command) } }
        plan.programs[0].layout = try layout("tw2 *", .named("tw2"))
        plan.lecturer = .named("tw2")
        #expect(plan.problems().map(\.value) == ["layout tw2 *", "lecturer tw2"])
    }

    @Test func theHubIsChangedWhileTheMeetingRuns() throws {
        var conference = try conference(try layout("uplink"))
        #expect(conference.hub == .named("hall"))
        #expect(throws: CommandError.link(.named("d1"))) { try conference.apply(.hub(.named("d1"))) }
        let office = SitePlan.number(9, id: .named("office"))
        try conference.apply(.add(office, program: .room))
        try conference.apply(.hub(.named("office")))
        #expect(conference.hub == .named("office"))
        try conference.apply(.remove(.named("office")))
        #expect(conference.hub == .named("hall"))
    }
}
