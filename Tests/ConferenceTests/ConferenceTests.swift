import Conference
import Media
import Testing

@Suite struct Conferences {
    /// A conference of sites `s1` to `s(count)` that all have a picture.
    private func conference(_ count: Int, layout name: String) throws -> Conference {
        live(.room((1...count).map { SitePlan.number($0) }, layout: try layout(name)))
    }

    private func live(_ plan: ConferencePlan) -> Conference {
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        for index in conference.sites.indices { show(&conference, index, at: .zero) }
        return conference
    }

    private func show(_ conference: inout Conference, _ index: Int, at now: Instant) {
        var health = Health()
        health.packet(at: now)
        health.picture(at: now)
        conference.handle(health, of: index, at: now)
    }

    /// One site speaks for a second, after a second of silence.
    private func speak(_ conference: inout Conference, _ speaker: Int, from start: Int) {
        var levels = [Float](repeating: ActiveSpeaker.silence, count: conference.sites.count)
        for tick in 0..<50 { conference.handle(levels: levels.span, at: .at(milliseconds: start + 20 * tick)) }
        levels[speaker] = -20
        for tick in 50..<100 { conference.handle(levels: levels.span, at: .at(milliseconds: start + 20 * tick)) }
    }

    private func roomLine(_ conference: inout Conference, at now: Instant = .zero) -> String {
        conference.views(of: .room, at: now).map { "\($0.viewers.count): \($0.view.line)" }.joined(separator: ", ")
    }

    @Test func everybodySharesTheRoomsView() throws {
        var conference = try conference(3, layout: "2x2")
        #expect(roomLine(&conference) == "3: s1 s2 s3 -")
        #expect(conference.views(of: .room, at: .zero)[0].viewers == [.number(1), .number(2), .number(3)])
        #expect(conference.views(of: try #require(ProgramID("other")), at: .zero).isEmpty)
    }

    @Test func theVoiceMovesOnlyTwoCells() throws {
        var conference = try conference(6, layout: "1+5")
        #expect(roomLine(&conference) == "6: s1 s2 s3 s4 s5 s6")
        speak(&conference, 3, from: 0)
        #expect(conference.activeSpeaker == .number(4) && conference.isSpeaking(3))
        #expect(roomLine(&conference) == "6: s4 s2 s3 s1 s5 s6")
        speak(&conference, 5, from: 2_000)
        #expect(roomLine(&conference) == "6: s6 s2 s3 s1 s5 s4")
        #expect(conference.previousSpeaker == .number(4))
        // A change of the roster lays the view out afresh.
        try conference.apply(.disable(.number(2)))
        #expect(roomLine(&conference) == "5: s6 s1 s3 s4 s5 -")
        try conference.apply(.enable(.number(2)))
        #expect(roomLine(&conference) == "6: s6 s1 s2 s3 s4 s5")
    }

    @Test func calledUpSiteStandsAboveTheVoice() throws {
        var conference = try conference(3, layout: "speaker")
        speak(&conference, 1, from: 0)
        try conference.apply(.callUp(.number(3)))
        #expect(roomLine(&conference) == "3: s3")
        #expect(conference.activeSpeaker == .number(3) && conference.previousSpeaker == .number(2))
        speak(&conference, 0, from: 2_000)
        #expect(roomLine(&conference) == "3: s3")
        try conference.apply(.callUp(nil))
        #expect(roomLine(&conference) == "3: s1")
    }

    @Test func lectureHasTwoViews() throws {
        var conference = try conference(4, layout: "lecture")
        try conference.apply(.lecturer(.number(3)))
        #expect(roomLine(&conference, at: .at(milliseconds: 0)) == "3: s3, 1: s1")
        #expect(roomLine(&conference, at: .at(milliseconds: 9_999)) == "3: s3, 1: s1")
        #expect(roomLine(&conference, at: .at(milliseconds: 10_000)) == "3: s3, 1: s2")
        #expect(roomLine(&conference, at: .at(milliseconds: 20_000)) == "3: s3, 1: s4")
        speak(&conference, 0, from: 20_000)
        #expect(roomLine(&conference, at: .at(milliseconds: 22_000)) == "3: s3, 1: s1")
        try conference.apply(.lecturer(nil))
        #expect(roomLine(&conference, at: .at(milliseconds: 22_000)) == "4: s1")
    }

    @Test func linkDoesNotGetItsOwnPictureBack() throws {
        let uplink = SiteID.named("trung-uong")
        let back = try #require(ProgramID("return"))
        var plan = ConferencePlan.room((1...3).map { SitePlan.number($0) }, layout: .automatic)
        plan.sites.append(.number(4, id: uplink, kind: .uplink))
        plan.sites.append(.number(5, id: .named("xa-1"), kind: .downlink))
        plan.programs[0].viewers.append(.named("xa-1"))
        plan.programs.append(
            ProgramPlan(
                id: back, layout: try layout("speaker"), viewers: [uplink], size: Size(width: 640, height: 360),
                frameRate: 25))
        #expect(plan.problems().isEmpty)
        var conference = live(plan)
        speak(&conference, 3, from: 0)
        #expect(conference.activeSpeaker == uplink)
        #expect(conference.views(of: back, at: .zero).map(\.view.line) == ["s1"])
        #expect(roomLine(&conference) == "3: trung-uong s1 s2 s3 xa-1 -, 1: s1 s2 s3 trung-uong")
    }

    @Test func siteWithALayoutOfItsOwnHasAGroup() throws {
        var conference = try conference(3, layout: "1x3")
        try conference.apply(.siteLayout(try layout("s2", .number(2)), .number(1)))
        #expect(roomLine(&conference) == "1: s2, 2: s1 s2 s3")
        let keys = conference.views(of: .room, at: .zero).map(\.key)
        #expect(Set(keys).count == 2)
        try conference.apply(.siteLayout(nil, .number(1)))
        #expect(roomLine(&conference) == "3: s1 s2 s3")
    }

    @Test func programWithoutViewersStillHasAView() throws {
        var plan = ConferencePlan.room([.number(1)], layout: .automatic)
        let record = try #require(ProgramID("record"))
        plan.programs.append(
            ProgramPlan(id: record, layout: .automatic, viewers: [], size: Size(width: 640, height: 360), frameRate: 25)
        )
        var conference = live(plan)
        #expect(conference.views(of: record, at: .zero).map(\.view.line) == ["s1"])
    }

    @Test func pictureComesAndGoes() throws {
        var conference = try conference(2, layout: "speaker")
        var health = Health()
        #expect(conference.handle(health, of: 0, at: .zero) == .slate(.waiting))
        #expect(roomLine(&conference) == "2: s2")
        health.packet(at: .zero)
        health.picture(at: .zero)
        #expect(conference.handle(health, of: 0, at: .at(milliseconds: 700)) == .dimmed)
        #expect(roomLine(&conference) == "2: s1")
    }

    @Test func soundPlanFollowsTheCommands() throws {
        var conference = try conference(3, layout: "2x2")
        try conference.apply(.mute(.number(1)))
        try conference.apply(.gain(.number(2), -20))
        try conference.apply(.disable(.number(3)))
        #expect(conference.soundPlan.sources.map(\.gain) == [0, 0.1, 0])
        #expect(conference.soundPlan.mixes.map(\.listeners) == [[.number(1), .number(2)]])
        try conference.apply(.unmute(.number(1)))
        #expect(conference.soundPlan.sources[0].gain == 1)
        let only = Conference(
            .room([.number(1), .number(2), .number(3)], layout: .automatic, sound: .only([.number(2)])),
            id: BridgeID(rawValue: 1))
        let mix = only.soundPlan.mixes[0]
        #expect(mix.carries(.number(2), to: .number(1)))
        #expect(!mix.carries(.number(3), to: .number(1)) && !mix.carries(.number(2), to: .number(2)))
    }

    @Test func mutedSiteIsNotSpeaking() throws {
        var conference = try conference(2, layout: "speaker")
        try conference.apply(.mute(.number(2)))
        speak(&conference, 1, from: 0)
        #expect(conference.activeSpeaker == nil)
    }

    @Test func sitesAreAddedAndRemoved() throws {
        var conference = try conference(2, layout: "2x2")
        try conference.apply(.lecturer(.number(2)))
        try conference.apply(.add(.number(7), program: .room))
        show(&conference, 2, at: .zero)
        #expect(roomLine(&conference) == "3: s1 s2 s7 -")
        try conference.apply(.remove(.number(2)))
        #expect(roomLine(&conference) == "2: s1 s7 - -")
        #expect(conference.lecturer == nil && conference.index(of: .number(2)) == nil)
        speak(&conference, 1, from: 0)
        #expect(conference.activeSpeaker == .number(7))
        try conference.apply(.remove(.number(1)))
        try conference.apply(.remove(.number(7)))
        #expect(roomLine(&conference) == "0: - - - -")
    }

    @Test func refusedCommandsChangeNothing() throws {
        var conference = try conference(2, layout: "2x2")
        let ghost = SiteID.named("ghost")
        let other = try #require(ProgramID("other"))
        let commands: [(Command, CommandError)] = [
            (.mute(ghost), .unknownSite(ghost)), (.lecturer(ghost), .unknownSite(ghost)),
            (.layout(try layout("ghost *", ghost), program: .room), .unknownSite(ghost)),
            (.layout(.automatic, program: other), .unknownProgram(other)),
            (.gain(.number(1), 21), .gainOutOfRange(21)),
            (
                .add(.number(2, id: .number(9)), program: .room),
                .invalid(
                    PlanProblem(
                        "site s9: audio", value: "port 5008", expected: "a port that site s2: audio doesn't take"))
            ),
        ]
        for (command, error) in commands {
            #expect(throws: error) { try conference.apply(command) }
            #expect(error.description.contains("expected"))
        }
        #expect(throws: CommandError.self) { try conference.apply(.gain(.number(1), .nan)) }
        #expect(roomLine(&conference) == "2: s1 s2 - -")
        #expect(conference.sites.map(\.gain) == [0, 0] && conference.sites.count == 2)
    }

    /// An unchanged view is the same array of the same storage: nothing was resolved.
    @Test func unchangedViewsAreNotResolvedAgain() throws {
        var conference = try conference(9, layout: "3x3")
        let first = conference.views(of: .room, at: .zero)
        let second = conference.views(of: .room, at: .at(milliseconds: 60_000))
        let isSame = first.withUnsafeBufferPointer { a in
            second.withUnsafeBufferPointer { $0.baseAddress == a.baseAddress }
        }
        #expect(isSame)
    }
}
