import Conference
import Media
import Testing

/// Several commands as one, what is prepared, the way back, and sites pinned to cells.
@Suite struct DeskTests {
    private func conference(_ count: Int = 4, layout text: String = "2x2") throws -> Conference {
        var conference = Conference(
            .room((1...count).map { .number($0) }, layout: try layout(text)), id: BridgeID(rawValue: 1))
        for index in conference.sites.indices {
            var health = Health()
            health.packet(at: .zero)
            health.picture(at: .zero)
            conference.handle(health, of: index, at: .zero)
        }
        return conference
    }

    private func room(_ conference: inout Conference) -> String {
        let view = conference.views(of: .room, at: .zero)[0].view
        return "\(view.layout): \(view.line)"
    }

    @Test func allCommandsOrNone() throws {
        var conference = try conference()
        #expect(throws: CommandError.unknownSite(.named("x"))) {
            try conference.apply([.layout(try layout("1+5"), program: .room), .mute(.number(1)), .mute(.named("x"))])
        }
        #expect(room(&conference) == "2x2: s1 s2 s3 s4" && !conference.sites[0].isMuted)
        try conference.apply([.layout(try layout("1+5"), program: .room), .mute(.number(1))])
        #expect(room(&conference) == "1+5: s1 s2 s3 s4 - -" && conference.sites[0].isMuted)
    }

    @Test func whatIsPreparedIsSeenByNobodyUntilItIsTaken() throws {
        var conference = try conference()
        #expect(throws: CommandError.nothingStaged) { try conference.take() }
        #expect(conference.rehearsal == nil)
        let commands: [Command] = [.layout(try layout("1x2"), program: .room), .disable(.number(1))]
        try conference.stage(commands)
        #expect(room(&conference) == "2x2: s1 s2 s3 s4" && conference.staged == commands)
        var rehearsal = try #require(conference.rehearsal)
        #expect(room(&rehearsal) == "1x2: s2 s3")
        // What can't be obeyed replaces nothing.
        #expect(throws: CommandError.self) { try conference.stage([.gain(.number(1), 99)]) }
        #expect(conference.staged == commands)
        #expect(try conference.take() == commands)
        #expect(room(&conference) == "1x2: s2 s3" && conference.staged.isEmpty && conference.rehearsal == nil)
        try conference.undo()
        #expect(room(&conference) == "2x2: s1 s2 s3 s4")
    }

    @Test func undoGoesBackStepByStep() throws {
        var conference = try conference()
        #expect(throws: CommandError.nothingToUndo) { try conference.undo() }
        let first = conference.arrangementForTests
        try conference.apply([.mute(.number(1)), .gain(.number(2), -6), .caption("x", program: .room)])
        let second = conference.arrangementForTests
        try conference.apply(.lecturer(.number(2)))
        try conference.apply(.callUp(.number(3)))
        try conference.apply(.siteLayout(try layout("s1", .number(1)), .number(4)))
        for _ in 0..<3 { try conference.undo() }
        #expect(conference.arrangementForTests == second)
        // A site that came since stays, one that went since is left out.
        try conference.apply(.layout(try layout("s4 *", .number(4)), program: .room))
        try conference.apply(.layout(try layout("*"), program: .room))
        try conference.apply(.remove(.number(4)))
        try conference.undo()
        #expect(conference.layout(of: .room)?.description == "*", "the layout named a site that is gone")
        for _ in 0..<3 { try conference.undo() }
        #expect(conference.arrangementForTests[..<3] == first[..<3])
        #expect(conference.sites.map(\.id.rawValue) == ["s1", "s2", "s3"])
    }

    @Test func changesWithoutEndKeepFiftySteps() throws {
        var conference = try conference()
        for step in 0..<200 { try conference.apply(.gain(.number(1), Double(step % 20))) }
        for _ in 0..<50 { try conference.undo() }
        #expect(throws: CommandError.nothingToUndo) { try conference.undo() }
    }

    // MARK: Pins

    @Test(arguments: [
        ("2x2", 1, "* s4 / * *", "s1 s4 s2 s3"), ("auto", 0, "s4 * / * *", "s4 s1 s2 s3"),
        ("speaker", 0, "s4", "s4"), ("1+5", 0, "s4 s4 * / s4 s4 * / * * *", "s4 s1 s2 s3 - -"),
        ("1+5", 3, "A A * / A A * / s4 * *", "s1 s2 s3 s4 - -"),
        ("speaker previous / s1 s2", 2, "speaker previous / s4 s2", "s1 s3 s4 s2"),
    ])
    func aSiteIsPinnedToACell(name: String, cell: Int, drawing: String, line: String) throws {
        var conference = try conference()
        try conference.apply(.layout(try layout(name, .number(1), .number(2)), program: .room))
        _ = room(&conference)
        try conference.apply(.pin(.number(4), cell: cell, program: .room))
        #expect(room(&conference) == "\(drawing): \(line)")
        #expect(try layout(drawing, .number(1), .number(2), .number(4)) == conference.layout(of: .room))
        try conference.undo()
        #expect(conference.layout(of: .room)?.description == name)
    }

    @Test(arguments: ["1+5", "auto"]) func aLayoutAndAPinTogetherAreBothObeyed(name: String) throws {
        var conference = try conference(6, layout: "2x2")
        _ = room(&conference)
        try conference.apply([.layout(try layout(name), program: .room), .pin(.number(4), cell: 0, program: .room)])
        #expect(room(&conference) == "s4 s4 * / s4 s4 * / * * *: s4 s1 s2 s3 s5 s6")
    }

    @Test func aSiteThatIsPinnedElsewhereLeavesItsCell() throws {
        var conference = try conference()
        for cell in [0, 3] { try conference.apply(.pin(.number(2), cell: cell, program: .room)) }
        #expect(room(&conference) == "* * / * s2: s1 s3 s4 s2")
        try conference.apply(.pin(nil, cell: 3, program: .room))
        #expect(room(&conference) == "* * / * *: s1 s2 s3 s4")
    }

    @Test func cellsThatCannotBeDrawnAreRefused() throws {
        var conference = try conference()
        #expect(throws: CommandError.noSuchCell(4, try layout("2x2"))) {
            try conference.apply(.pin(.number(1), cell: 4, program: .room))
        }
        try conference.apply(.layout(try layout("pip"), program: .room))
        _ = room(&conference)
        do {
            try conference.apply(.pin(.number(1), cell: 1, program: .room))
            Issue.record("taken")
        } catch {
            #expect(error.description == "cell 1: expected a layout that can be drawn; pip can't")
        }
    }
}

extension Conference {
    /// How each site stands, as far as commands change it, then the rest.
    fileprivate var arrangementForTests: [String] {
        sites.map { "\($0.id) \($0.isEnabled) \($0.isMuted) \($0.gain) \($0.layout?.description ?? "-")" }
            + ["\(lecturer?.rawValue ?? "-") \(calledUp?.rawValue ?? "-") \(hub?.rawValue ?? "-")"]
            + programIDs.map { layout(of: $0)?.description ?? "" }
    }
}
