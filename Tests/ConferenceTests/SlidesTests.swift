import Conference
import Media
import Testing

/// The second pictures of sites: when views show them, and who gets them as a stream of their own.
@Suite struct SlidesTests {
    private let program = ProgramID("slides")!

    /// Sites `s1` to `s3` in presenter's layout, of which the first two may show slides.
    private func plan() throws -> ConferencePlan {
        var plan = ConferencePlan.room((1...3).map { .number($0) }, layout: try layout("presenter"))
        for number in 1...2 {
            let site = plan.sites[number - 1]
            let video = VideoPlan(
                port: 7_000 + 2 * number, destination: HostPort(host: "10.0.0.\(number)", port: 7_000), accepts: [:],
                size: VideoPlan.slidesSize, frameRate: 5, bitrate: VideoPlan.slidesBitrate)
            plan.sites.append(SitePlan(try #require(SitePlan.slidesID(of: site.id)), slidesOf: site, video))
        }
        plan.programs.append(try #require(ProgramPlan(slidesFor: plan.sites.filter { $0.slidesOf != nil })))
        return plan
    }

    /// With the cameras' pictures there.
    private func conference() throws -> Conference {
        let plan = try plan()
        #expect(plan.problems().isEmpty)
        var conference = Conference(plan, id: BridgeID(rawValue: 1))
        for index in 0..<3 { show(&conference, index, at: .zero) }
        return conference
    }

    private func show(_ conference: inout Conference, _ index: Int, at now: Instant) {
        var health = Health(of: index < 3 ? .camera : .slides)
        health.packet(at: now)
        health.picture(at: now)
        conference.handle(health, of: index, at: now)
    }

    private func leave(_ conference: inout Conference, _ index: Int, at now: Instant) {
        var health = Health(of: .slides)
        health.packet(at: now)
        health.picture(at: now)
        health.bye(at: now)
        conference.handle(health, of: index, at: now)
    }

    private func line(_ conference: inout Conference, _ program: ProgramID) -> String {
        conference.views(of: program, at: .zero).map { group in
            group.viewers.map(\.rawValue).joined(separator: "+") + ": " + group.view.line
        }.joined(separator: ", ")
    }

    @Test func slidesAreLargeFromTheirFirstPictureToTheirLast() throws {
        var conference = try conference()
        #expect(conference.shownSlides == nil)
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s1 s2 s3 -"))
        show(&conference, 3, at: .zero)
        #expect(conference.shownSlides == .named("s1.slides"))
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s1.slides s1 s2 s3"))
        // Who begins after him has the floor, and gives it back.
        show(&conference, 4, at: .zero)
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s2.slides s1 s2 s3"))
        leave(&conference, 4, at: .zero)
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s1.slides s1 s2 s3"))
        leave(&conference, 3, at: .zero)
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s1 s2 s3 -"))
    }

    @Test func whoShowsThemIsNotSentThemBack() throws {
        var conference = try conference()
        #expect(line(&conference, program) == "s1.slides+s2.slides: -")
        show(&conference, 3, at: .zero)
        #expect(line(&conference, program) == "s2.slides: s1.slides, s1.slides: -")
        #expect(conference.views(of: program, at: .zero).allSatisfy { !$0.key.isLabelled })
    }

    @Test func theOperatorsChoiceStandsAndNamesTheSite() throws {
        var conference = try conference()
        show(&conference, 3, at: .zero)
        show(&conference, 4, at: .zero)
        try conference.apply(.slides(.number(1)))
        #expect(conference.shownSlides == .named("s1.slides"))
        try conference.apply(.slides(.number(3)))
        #expect(conference.shownSlides == .number(3))
        #expect(line(&conference, .room).hasPrefix("s1+s2+s3: s3 s1 s2 -"))
        try conference.apply(.slides(nil))
        #expect(conference.shownSlides == .named("s2.slides"))
        // A choice that shows nothing is no reason for an empty cell.
        try conference.apply(.slides(.number(1)))
        leave(&conference, 3, at: .zero)
        #expect(conference.shownSlides == .named("s2.slides"))
        leave(&conference, 4, at: .zero)
        #expect(conference.shownSlides == nil && line(&conference, .room).hasPrefix("s1+s2+s3: s1 s2 s3 -"))
    }

    @Test func slidesAreNobodyOfTheirOwn() throws {
        var conference = try conference()
        show(&conference, 3, at: .zero)
        #expect(conference.rollCall.rows.map(\.path) == ["s1", "s2", "s3"])
        #expect(conference.hub == .number(1))
        try conference.apply(.layout(try layout("2x3"), program: .room))
        #expect(line(&conference, .room) == "s1+s2+s3: s1 s2 s3 - - -")
        try conference.apply(.layout(.automatic, program: .room))
        #expect(conference.views(of: .room, at: .zero)[0].view.layout.cells.count == 4)
        try conference.apply(.layout(try layout("s1.slides", .named("s1.slides")), program: .room))
        #expect(line(&conference, .room) == "s1+s2+s3: s1.slides")
    }

    @Test func slidesGoWithTheirSite() throws {
        var conference = try conference()
        show(&conference, 3, at: .zero)
        try conference.apply(.disable(.number(1)))
        #expect(conference.shownSlides == nil && line(&conference, program) == "s2.slides: -")
        try conference.apply(.enable(.number(1)))
        #expect(conference.shownSlides == .named("s1.slides"))
        try conference.apply(.remove(.number(1)))
        #expect(conference.sites.map(\.id.rawValue) == ["s2", "s3", "s2.slides"] && conference.shownSlides == nil)
    }

    @Test func aSlideMayStand() {
        var health = Health(of: .slides)
        health.packet(at: .zero)
        health.picture(at: .zero)
        #expect(health.appearance(at: .at(milliseconds: 2_400)) == .live)
        #expect(health.appearance(at: .at(milliseconds: 9_900)).hasPicture)
        #expect(health.appearance(at: .at(milliseconds: 10_000)) == .slate(.noSignal))
    }

    @Test func aSiteThatComesAgainBringsItsSlides() throws {
        let old = try plan()
        var new = old
        new.sites[0].audio?.port = 8_000
        var conference = Conference(old, id: BridgeID(rawValue: 1))
        let change = PlanChange(from: old, to: new)
        for command in change.commands { try conference.apply(command) }
        #expect(change.needsRestart.isEmpty)
        #expect(Set(conference.sites.map(\.plan)) == Set(new.sites))
        #expect(conference.program(of: .named("s1.slides")) == program)
    }

    @Test func slidesOfNobodyAreRefused() throws {
        var plan = try plan()
        plan.sites[3].slidesOf = .named("nobody")
        #expect(plan.problems().map(\.expected) == ["them of a site that is no link"])
        plan = try self.plan()
        plan.programs[1].isSlides = false
        #expect(plan.problems().count == 2)
    }
}
