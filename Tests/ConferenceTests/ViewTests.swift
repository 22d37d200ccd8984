import Conference
import Media
import Testing

/// Speakers as numbers, latest first.
private func speakers(_ numbers: Int...) -> [SiteID] { numbers.map(SiteID.number) }

@Suite struct Views {
    @Test func orderFillsTheCells() throws {
        let resolver = ViewResolver(roster: .of(4))
        #expect(resolver.resolve(try layout("1+5")).line == "s1 s2 s3 s4 - -")
        #expect(resolver.resolve(.automatic).layout.description == "2x2")
        #expect(resolver.resolve(try layout("2x2")).line == "s1 s2 s3 s4")
    }

    @Test func rolesComeBeforeTheOrder() throws {
        var roster = Roster.of(6)
        roster.entries[5].kind = .uplink
        let drawing = try layout("speaker previous uplink / slides s2 * / * A .", .number(2))
        let resolver = ViewResolver(roster: roster, speakers: speakers(4, 2, 5), slides: .number(1))
        // s2 is pinned, so the one before it is the previous speaker.
        #expect(resolver.resolve(drawing).line == "s4 s5 s6 s1 s2 - - s3 -")
    }

    @Test func roleWithoutItsSourceStaysBlank() throws {
        let drawing = try layout("uplink slides s9 *", .number(9))
        #expect(ViewResolver(roster: .of(2)).resolve(drawing).line == "- - - s1")
    }

    @Test func siteWithoutPictureHoldsItsCellAndAudioOnlyHasNone() throws {
        var roster = Roster.of(3, without: [1])
        roster.entries[1].sendsPicture = false
        let resolver = ViewResolver(roster: roster)
        #expect(resolver.resolve(try layout("1x3")).line == "s1 s3 -")
        #expect(resolver.resolve(.automatic).layout.description == "1x2")
        #expect(resolver.resolve(try layout("s2 *", .number(2))).line == "s2 s1")
    }

    @Test func newSpeakerAndOldOneChangePlaces() throws {
        let onePlusFive = try layout("1+5")
        var resolver = ViewResolver(roster: .of(6))
        var view = resolver.resolve(onePlusFive)
        for (who, expected) in [
            (speakers(4), "s4 s2 s3 s1 s5 s6"), (speakers(5, 4), "s5 s2 s3 s1 s4 s6"),
            (speakers(4, 5), "s4 s2 s3 s1 s5 s6"), (speakers(1, 4, 5), "s1 s2 s3 s4 s5 s6"),
        ] {
            resolver.speakers = who
            view = resolver.resolve(onePlusFive, after: view)
            #expect(view.line == expected)
        }
    }

    @Test func secondLargeCellStaysWhenItsSiteSpeaks() throws {
        let layout = try layout("2+8")
        var resolver = ViewResolver(roster: .of(10), speakers: speakers(3, 7))
        let view = resolver.resolve(layout)
        #expect(view.line.hasPrefix("s3 s7 s1 s2 s4"))
        resolver.speakers = speakers(7, 3)
        #expect(resolver.resolve(layout, after: view) == view)
        resolver.speakers = speakers(1, 7, 3)
        // s3 is the longest silent of the two.
        #expect(resolver.resolve(layout, after: view).line.hasPrefix("s1 s7 s3 s2 s4"))
    }

    @Test func threeSitesMoveInAChain() throws {
        let drawing = try layout("speaker previous / * * / * *")
        var resolver = ViewResolver(roster: .of(6), speakers: speakers(2, 1))
        let view = resolver.resolve(drawing)
        #expect(view.line == "s2 s1 s3 s4 s5 s6")
        resolver.speakers = speakers(5, 2, 1)
        #expect(resolver.resolve(drawing, after: view).line == "s5 s2 s3 s4 s1 s6")
    }

    @Test func twoDisplacedSitesGoWhereTheirSuccessorsCameFrom() throws {
        let layout = try layout("2+8")
        var resolver = ViewResolver(roster: .of(10), speakers: speakers(7, 3))
        let view = resolver.resolve(layout)
        #expect(view.line == "s7 s3 s1 s2 s4 s5 s6 s8 s9 s10")
        resolver.speakers = speakers(2, 9, 7, 3)
        #expect(resolver.resolve(layout, after: view).line == "s2 s9 s1 s7 s4 s5 s6 s8 s3 s10")
    }

    @Test func whoSpokeReplacesTheLongestSilent() throws {
        let grid = try layout("2x2")
        var resolver = ViewResolver(roster: .of(7))
        var view = resolver.resolve(grid)
        #expect(view.line == "s1 s2 s3 s4")
        for (who, expected) in [
            (speakers(2), "s1 s2 s3 s4"), (speakers(6, 2), "s1 s2 s3 s6"), (speakers(7, 6, 2), "s1 s2 s7 s6"),
            (speakers(5, 7, 6, 2), "s5 s2 s7 s6"), (speakers(1, 5, 7, 6, 2), "s5 s1 s7 s6"),
        ] {
            resolver.speakers = who
            view = resolver.resolve(grid, after: view)
            #expect(view.line == expected)
        }
    }

    @Test(arguments: ["speaker", "1+5", "speaker * / * *"])
    func oldSourceStaysUntilTheNewOneHasAPicture(name: String) throws {
        let layout = try layout(name)
        var resolver = ViewResolver(roster: .of(4), speakers: speakers(2))
        let before = resolver.resolve(layout)
        #expect(before.sources[0] == .number(2))
        resolver.roster = .of(4, without: [3])
        resolver.speakers = speakers(3, 2)
        let waiting = resolver.resolve(layout, after: before)
        #expect(waiting == before)
        resolver.roster = .of(4)
        let after = resolver.resolve(layout, after: waiting)
        #expect(after.sources[0] == .number(3))
        // Its picture failing later is no reason to show another while it speaks.
        resolver.roster = .of(4, without: [3])
        #expect(resolver.resolve(layout, after: after) == after)
    }

    @Test func beforeAnyoneSpeaksTheFirstWithAPictureIsShown() throws {
        let full = try layout("speaker")
        var resolver = ViewResolver(roster: .of(3, without: [1, 2, 3]))
        let dark = resolver.resolve(full)
        #expect(dark.line == "s1")
        resolver.roster = .of(3, without: [1, 2])
        let third = resolver.resolve(full, after: dark)
        #expect(third.line == "s3")
        resolver.roster = .of(3)
        #expect(resolver.resolve(full, after: third).line == "s1")
    }

    @Test func presenterTakesTheSpeakerWhileThereAreNoSlides() throws {
        let presenter = try layout("presenter")
        var resolver = ViewResolver(roster: .of(4), speakers: speakers(3))
        let view = resolver.resolve(presenter)
        #expect(view.line == "s3 s1 s2 s4 - - - -")
        resolver.slides = .number(4)
        #expect(resolver.resolve(presenter).line == "s4 s3 s1 s2 - - - -")
    }

    @Test func lecturerSeesTheOthersInTurnAndWhoeverAsks() throws {
        let lecture = try layout("lecture")
        var resolver = ViewResolver(roster: .of(4, without: [3]), speakers: speakers(2), lecturer: .number(2))
        #expect(resolver.resolve(lecture).line == "s2")
        var watched: [String] = []
        for turn in 0..<6 {
            resolver.turn = turn
            watched.append(resolver.resolve(lecture, for: .own(.number(2))).line)
        }
        #expect(watched == ["s1", "s4", "s4", "s1", "s4", "s4"])
        resolver.speakers = speakers(1, 2)
        resolver.turn = 2
        #expect(resolver.resolve(lecture, for: .own(.number(2))).line == "s1")
        #expect(resolver.resolve(lecture).line == "s2")
    }

    @Test func lectureWithoutLecturerFollowsTheVoice() throws {
        let resolver = ViewResolver(roster: .of(3), speakers: speakers(3))
        #expect(resolver.resolve(try layout("lecture")).line == "s3")
    }

    @Test func ownPictureIsLeftOut() throws {
        let resolver = ViewResolver(roster: .of(4), speakers: speakers(1, 3))
        #expect(resolver.resolve(try layout("speaker"), for: .own(.number(1))).line == "s3")
        let view = resolver.resolve(.automatic, for: .own(.number(1)))
        #expect(view.layout.description == "2x2" && view.line == "s2 s3 s4 -")
        #expect(resolver.resolve(try layout("s1 *", .number(1)), for: .own(.number(1))).line == "- s3")
    }

    /// Over random drawings, rosters, speakers and steps: no site twice, nobody unknown, pins kept, no `*` cell
    /// empty while somebody could be in it, and a view resolved again from itself stays.
    @Test(arguments: 1...20)
    func invariants(seed: UInt64) throws {
        var random = Seeded(seed)
        for _ in 0..<40 {
            let count = Int.random(in: 1...14, using: &random)
            let ids = (1...count).map(SiteID.number)
            let layout = try randomLayout(ids, &random)
            var resolver = ViewResolver(roster: .of(count))
            var view: View?
            for step in 0..<8 {
                for index in resolver.roster.entries.indices where Int.random(in: 0..<6, using: &random) == 0 {
                    resolver.roster.entries[index].hasPicture.toggle()
                }
                if step > 1 {
                    let speaker = try #require(ids.randomElement(using: &random))
                    resolver.speakers = [speaker] + resolver.speakers.filter { $0 != speaker }
                }
                resolver.turn = step
                resolver.slides = Bool.random(using: &random) ? ids.first : nil
                resolver.lecturer = Bool.random(using: &random) ? ids.last : nil
                let perspective: Perspective = step % 3 == 2 ? .own(ids[0]) : .common
                let next = resolver.resolve(layout, for: perspective, after: view)
                check(next, ids, perspective, "seed \(seed), step \(step): \(layout): \(next.line)")
                #expect(resolver.resolve(layout, for: perspective, after: next) == next, "settles, seed \(seed)")
                view = next
            }
        }
    }

    private func check(_ view: View, _ ids: [SiteID], _ perspective: Perspective, _ context: Comment) {
        let shown = view.sources.compactMap { $0 }
        #expect(Set(shown).count == shown.count, context)
        #expect(shown.allSatisfy(ids.contains), context)
        #expect(view.sources.count == view.layout.cells.count, context)
        if case .own(let viewer) = perspective { #expect(!shown.contains(viewer), context) }
        let hasRoom = zip(view.layout.cells, view.sources).contains { $0.role == .next && $1 == nil }
        let candidates = perspective == .common ? ids.count : ids.count - 1
        if hasRoom { #expect(shown.count == candidates, context) }
        for (cell, source) in zip(view.layout.cells, view.sources) {
            if case .site(let id) = cell.role { #expect(source == nil || source == id, context) }
            if cell.role == .blank { #expect(source == nil, context) }
        }
    }

    private func randomLayout(_ ids: [SiteID], _ random: inout Seeded) throws -> Layout {
        if Int.random(in: 0..<4, using: &random) == 0 {
            return try layout(Layout.names.randomElement(using: &random) ?? "auto")
        }
        let columns = Int.random(in: 1...5, using: &random)
        let rows = Int.random(in: 1...4, using: &random)
        var tokens = ["speaker", "previous", "slides", "uplink", "A", "B", "C"] + ids.map(\.rawValue)
        tokens.shuffle(using: &random)
        var drawing: [[String]] = []
        for _ in 0..<rows {
            let row = (0..<columns).map { _ in
                let pick = Int.random(in: 0..<10, using: &random)
                return pick == 0 ? "." : pick < 5 ? tokens.popLast() ?? "*" : "*"
            }
            drawing.append(row)
        }
        let text = drawing.map { $0.joined(separator: " ") }.joined(separator: " / ")
        return try Layout.parse(text, knownSites: Set(ids))
    }
}
