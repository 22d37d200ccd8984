import Conference
import Media
import Testing

/// What a changed config file does to a running conference, and what outlives a restart.
@Suite struct PlanChangeTests {
    private func plan(_ numbers: [Int], layout text: String = "2x2") throws -> ConferencePlan {
        .room(numbers.map { .number($0) }, layout: try layout(text))
    }

    /// The conference after a change, and what has to wait.
    private func changed(_ old: ConferencePlan, _ new: ConferencePlan) throws -> (Conference, [String]) {
        var conference = Conference(old, id: BridgeID(rawValue: 1))
        let change = PlanChange(from: old, to: new)
        for command in change.commands { try conference.apply(command) }
        return (conference, change.needsRestart)
    }

    @Test func nothingComesOfNothing() throws {
        #expect(PlanChange(from: try plan([1, 2]), to: try plan([1, 2])).commands.isEmpty)
    }

    @Test func sitesComeAndGoAndOneWithAnotherPortComesAgain() throws {
        let old = try plan([1, 2, 3])
        var new = try plan([1, 3, 4])
        new.sites[1].video?.port = 7_000
        let change = PlanChange(from: old, to: new)
        #expect(
            change.commands == [
                .remove(.number(3)), .remove(.number(2)), .add(new.sites[1], program: .room),
                .add(new.sites[2], program: .room),
            ])
        let (conference, waiting) = try changed(old, new)
        #expect(conference.sites.map(\.plan) == new.sites && waiting.isEmpty)
    }

    @Test func whatCommandsChangeIsChangedInPlace() throws {
        let old = try plan([1, 2])
        var new = old
        new.sites[0].gain = -6
        new.sites[1].isMuted = true
        new.sites[1].layout = try layout("speaker")
        new.programs[0].layout = try layout("1x2")
        new.lecturer = .number(2)
        let change = PlanChange(from: old, to: new)
        #expect(change.commands.allSatisfy { !$0.changesPaths })
        let (conference, _) = try changed(old, new)
        #expect(conference.sites[0].gain == -6 && conference.sites[1].isMuted && conference.lecturer == .number(2))
        #expect(conference.sites[1].layout?.description == "speaker")
        #expect(conference.layout(of: .room)?.description == "1x2")
    }

    @Test func backupsLeaveBeforeTheirLinksAndComeAfterThem() throws {
        let old = try plan([1])
        var backup = SitePlan.number(3, kind: .uplink)
        backup.backupOf = .number(2)
        let new = ConferencePlan.room(
            [.number(1), backup, .number(2, kind: .uplink)], layout: try layout("2x2"))
        #expect(try changed(old, new).0.sites.map(\.id.rawValue) == ["s1", "s2", "s3"])
        #expect(try changed(new, old).0.sites.map(\.id.rawValue) == ["s1"])
    }

    @Test func whatIsFixedWaitsForARestart() throws {
        let old = try plan([1])
        var new = old
        new.programs[0].frameRate = 25
        new.loudest = 2
        let change = PlanChange(from: old, to: new)
        #expect(change.commands.isEmpty && change.needsRestart == ["program room", "loudest"])
    }

    @Test func arrangementsOutliveARestartAsFarAsTheirSitesDo() throws {
        var before = Conference(try plan([1, 2, 3]), id: BridgeID(rawValue: 1))
        try before.apply([
            .layout(try layout("s2 *", .number(2)), program: .room), .caption("Giải lao", program: .room),
            .mute(.number(1)), .gain(.number(2), -6), .disable(.number(3)), .lecturer(.number(2)),
            .siteLayout(try layout("1x2"), .number(1)),
        ])
        let saved = before.savedArrangement
        var after = Conference(try plan([1, 2, 3]), id: BridgeID(rawValue: 2))
        after.restore(saved)
        #expect(after.savedArrangement == saved)
        #expect(after.layout(of: .room)?.description == "s2 *" && after.caption(of: .room) == "Giải lao")
        #expect(after.soundPlan.sources[0].gain == 0 && after.sites[1].gain == -6 && !after.sites[2].isEnabled)
        // Without the site that its layout shows the program has what the config file says.
        var smaller = Conference(try plan([1, 3]), id: BridgeID(rawValue: 3))
        smaller.restore(saved)
        #expect(smaller.layout(of: .room)?.description == "2x2" && smaller.lecturer == nil)
        #expect(smaller.sites[0].isMuted && !smaller.sites[1].isEnabled)
    }

    // MARK: Sites that play

    @Test func aSiteThatPlaysIsSeenAndHeardAndIsSentNothing() throws {
        var conference = Conference(try plan([1, 2]), id: BridgeID(rawValue: 1))
        let film = SitePlan(
            id: .named("film"), name: "Phim", audio: nil, video: nil, player: PlayerPlan(location: "a.mp4"))
        try conference.apply(.add(film, program: .room))
        let groups = conference.views(of: .room, at: .zero)
        #expect(groups.flatMap(\.viewers).map(\.rawValue).sorted() == ["s1", "s2"])
        #expect(groups[0].view.line == "s1 s2 film -")
        #expect(conference.soundPlan.sources.map(\.gain) == [1, 1, 1])
        #expect(conference.hub == .number(1))
        try conference.apply(.play(.named("film"), PlayerPlan(location: "b.mp4", repeats: true)))
        #expect(conference.sites[2].plan.player == PlayerPlan(location: "b.mp4", repeats: true))
        #expect(throws: CommandError.noPlayer(.number(1))) {
            try conference.apply(.play(.number(1), PlayerPlan(location: "b.mp4")))
        }
    }

    @Test func placesHoldUntilTheRosterChanges() throws {
        var conference = Conference(try plan([1, 2]), id: BridgeID(rawValue: 1))
        let before = conference.rosterRevision
        try conference.apply(.mute(.number(1)))
        #expect(conference.rosterRevision == before)
        try conference.apply(.remove(.number(1)))
        try conference.apply(.add(.number(1), program: .room))
        #expect(conference.rosterRevision == before + 2 && conference.index(of: .number(1)) == 1)
    }
}
