import Media
import TestSupport
import Testing

/// Meetings that span several bridges.
@Suite("Cascade", .serialized)
struct CascadeTests {
    private let size = Size(width: 640, height: 360)
    private let general = ["--size", "640x360", "--fps", "15", "--video-bitrate", "800k", "--gop", "1s"]

    /// Two bridges and what lies between them.
    private struct BridgeLink {
        let above: SiteLine
        let below: SiteLine

        /// - Parameters:
        ///   - superior: the id that the one below knows the other by.
        ///   - subordinate: the id that the one above knows the other by.
        init(superior: String, subordinate: String) throws {
            above = try SiteLine(subordinate)
            below = try SiteLine(superior)
        }

        /// The flags of the bridge above.
        func downlink(_ keys: String...) -> [String] { flags("--downlink", above, to: below.bridge, keys) }
        /// The flags of the bridge below.
        func uplink(_ keys: String...) -> [String] { flags("--uplink", below, to: above.bridge, keys) }
        /// Either side by mistake: a plain site.
        func site(above isAbove: Bool) -> [String] {
            isAbove ? flags("--site", above, to: below.bridge, []) : flags("--site", below, to: above.bridge, [])
        }

        private func flags(_ flag: String, _ line: SiteLine, to peer: PortBlock, _ keys: [String]) -> [String] {
            let all =
                ["id=\(line.id)", "audio=\(line.bridge.audio)", "video=\(line.bridge.video)"]
                + ["to=127.0.0.1:\(peer.audio)"] + keys
            return [flag, all.joined(separator: ",")]
        }
    }

    @Test("Central is ffmpeg: its feed goes down two levels, the speaker comes up, and nobody gets itself back")
    func threeLevels() async throws {
        let media = try TestMedia.prepared()
        let (central, hub, room) = (try SiteLine("tu-son"), try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let link = try BridgeLink(superior: "province", subordinate: "district")
        let province = try await BridgeProcess(
            hub.flags() + ["--uplink"] + central.flags().dropFirst() + link.downlink("name=Quế Võ")
                + ["--layout", "2x2"] + general)
        let district = try await BridgeProcess(
            room.flags("name=Xã Đại Bái") + link.uplink() + ["--layout", "1x2"] + general)
        let atCentral = try Recording(ffmpeg: central.id, of: province, size: size)
        let atHub = try Recording(ffmpeg: hub.id, of: province, size: size)
        let atRoom = try Recording(ffmpeg: room.id, of: district, size: size)
        let senders = try [central, hub, room].map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await province.waitUntilLive(["gia-binh", "tu-son", "district"])
        try await district.waitUntilLive(["que-vo", "province"])
        // The commune is called up, level by level: each sees it full screen.
        try province.ctl("call-up", "district")
        try district.ctl("call-up", "que-vo")

        let canvas = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        let cells = try await province.cells()
        let districtCell = try #require(cells.first { $0.site == "district" }).rectangle
        let provinceCell = try #require(try await district.cells().first { $0.site == "province" }).rectangle
        func id(_ recording: Recording, _ cell: Rectangle) throws -> String? {
            try recording.newestPicture()?.site(in: cell, among: media.sites)?.id.rawValue
        }
        try await eventually("the commune at Central and at the province", seconds: 20) {
            try id(atCentral, canvas) == "que-vo" && id(atHub, districtCell) == "que-vo"
        }
        // What the district gets is the province's room without the district: hub and Central, in the province's 2x2.
        let inside = PictureProbe.letterboxed(size, in: provinceCell)
        func quarter(_ index: Int) -> Rectangle {
            Rectangle(
                x: inside.x + index % 2 * inside.width / 2, y: inside.y + index / 2 * inside.height / 2,
                width: inside.width / 2, height: inside.height / 2)
        }
        try await eventually("hub and Central at the commune") {
            try Set((0..<4).compactMap { try id(atRoom, quarter($0)) }) == ["gia-binh", "tu-son"]
        }
        // Sound: everybody but oneself.
        let tones = ["tu-son", "gia-binh", "que-vo"].map { media.site($0).tone }
        for (own, recording) in [atCentral, atHub, atRoom].enumerated() {
            try await eventually("the others' tones at no. \(own)") {
                guard let levels = try recording.medianLevels(of: tones, windows: 8) else { return false }
                return levels.indices.allSatisfy { $0 == own ? levels[$0] < -50 : levels[$0] > -30 }
            }
        }
        // Who is where, by name, at the level above.
        let above = try await province.site("district")
        #expect(above.inside?.map(\.name).contains("Xã Đại Bái") == true)
        #expect(above.label == "Xã Đại Bái · Quế Võ")
        #expect(try await district.site("province").inside?.map(\.id).contains("gia-binh") == true)
        // By what any mixer understands, too: CSRC, SDES, and levels (RFC 6465) of tones of -10.5 dB.
        try await eventually("the contributors' names and levels") {
            let sound = try await district.site("province").audioIn
            let loud = (sound?.contributors ?? []).filter { ($0.levelDbov ?? -127) > -20 }
            return Set(loud.compactMap(\.name)) == ["gia-binh", "tu-son"]
        }
        let states = try await province.status().sites.compactMap(\.link?.state)
        #expect(states.sorted() == ["bridge", "plain"])
        let table = try province.ctl("roll-call")
        #expect(table.status == 0 && table.output.contains("Xã Đại Bái"), "\(table.output)")
        #expect(province.stop() == 0 && district.stop() == 0)
    }

    /// GStreamer in Central's place, and a plain mixer with two lines below: the whole of a lecture from above.
    @Test("Central is GStreamer and has the lecture; a district by ffmpeg gets a program of its own, on two lines")
    func lectureFromAbove() async throws {
        let media = try TestMedia.prepared()
        let (central, hub) = (try SiteLine("tu-son"), try SiteLine("gia-binh"))
        let (district, spare) = (try SiteLine("que-vo"), try SiteLine("spare"))
        var flags = hub.flags()
        flags += ["--uplink"] + central.flags("name=Trung ương").dropFirst()
        flags += ["--downlink"] + district.flags("name=Quế Võ").dropFirst()
        flags += ["--downlink"] + spare.flags("backup=que-vo").dropFirst()
        flags += ["--program", "id=down,to=que-vo+spare,layout=tu-son", "--layout", "lecture", "--lecturer", "tu-son"]
        let bridge = try await BridgeProcess(flags + general)
        let atCentral = try Recording(gstreamer: central, of: bridge, size: size)
        let atHub = try Recording(ffmpeg: hub.id, of: bridge, size: size)
        let atDistrict = try Recording(ffmpeg: district.id, of: bridge, size: size)
        let onSpare = try Recording(ffmpeg: spare.id, of: bridge, size: size)
        // The hub speaks first: of two that begin at once either may have the word.
        let hubSender = try hub.send(media.path("gia-binh-small"))
        try await eventually("the hub speaks") { try await bridge.site("gia-binh").speaking }
        let small = Size(width: 320, height: 180)
        let centralSender = try Subprocess(
            PeerCommands.gstreamerSender(
                file: media.path("tu-son-small"), tone: media.site("tu-son").tone, size: small, frameRate: 15,
                audioPort: central.bridge.audio, videoPort: central.bridge.video))
        let districtSender = try district.send(media.path("que-vo-small"))
        // The spare line carries the very same, from a sender of its own.
        let spareSender = try spare.send(media.path("que-vo-small"))
        defer { for sender in [centralSender, hubSender, districtSender, spareSender] { sender.stop() } }
        try await bridge.waitUntilLive(["gia-binh", "tu-son", "que-vo", "spare"])

        let canvas = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        func shown(_ recording: Recording) throws -> String? {
            try recording.newestPicture()?.site(in: canvas, among: media.sites)?.id.rawValue
        }
        try await eventually("Central to hub and district, the hub to Central", seconds: 20) {
            try shown(atHub) == "tu-son" && shown(atDistrict) == "tu-son" && shown(onSpare) == "tu-son"
                && shown(atCentral) == "gia-binh"
        }
        // The district speaks to Central, by one command.
        try bridge.ctl("call-up", "que-vo")
        try await eventually("the district at Central") { try shown(atCentral) == "que-vo" }
        try bridge.ctl("call-up", "none")
        // What goes down is changed while it goes: no picture is lost, and none shows anything else.
        func progress() async throws -> (ticks: Int, sent: Int) {
            let status = try await bridge.status()
            let program = status.programs.first { $0.id == "down" }
            let site = status.sites.first { $0.id == "que-vo" }
            return (try #require(program?.frames), try #require(site?.videoOut?.frames))
        }
        let before = try await progress()
        let start = atDistrict.pictureCount
        try bridge.ctl("layout", "gia-binh", "--program", "down")
        try await eventually("the hub at the district") { try shown(atDistrict) == "gia-binh" }
        try bridge.ctl("layout", "tu-son", "--program", "down")
        try await eventually("Central at the district again") { try shown(atDistrict) == "tu-son" }
        let end = atDistrict.pictureCount
        let after = try await progress()
        #expect(abs((after.ticks - before.ticks) - (after.sent - before.sent)) <= 1, "\(before) \(after)")
        try await eventually("all that was sent") { atDistrict.pictureCount >= end + 15 }
        atDistrict.stop()
        let video = try atDistrict.pictures()
        let kinds = Set((start..<end).map { video.picture($0).site(in: canvas, among: media.sites)?.id.rawValue })
        #expect(kinds == ["tu-son", "gia-binh"])

        // The district's first line dies without a goodbye: the other stands for it, for Central's ears too.
        let tones = ["tu-son", "gia-binh", "que-vo"].map { media.site($0).tone }
        districtSender.stop(signal: 9)
        try await eventually("the backup") { bridge.log.contains { $0.contains("backup") && $0.contains("spare") } }
        try bridge.ctl("call-up", "que-vo")
        try await eventually("the district on its spare line at Central", seconds: 20) {
            guard let levels = try atCentral.medianLevels(of: tones, windows: 8) else { return false }
            return try shown(atCentral) == "que-vo" && levels[0] < -50 && levels[1] > -30 && levels[2] > -30
        }
        try await eventually("Central and the hub at the district's spare line, and not itself") {
            guard let levels = try onSpare.medianLevels(of: tones, windows: 8) else { return false }
            return levels[0] > -30 && levels[1] > -30 && levels[2] < -50
        }
        #expect(bridge.stop() == 0)
    }

    @Test("two bridges that take each other for plain sites find the loop and cut it")
    func crossWired() async throws {
        let media = try TestMedia.prepared()
        let link = try BridgeLink(superior: "one", subordinate: "other")
        let (first, second) = (try SiteLine("gia-binh"), try SiteLine("que-vo"))
        let one = try await BridgeProcess(first.flags() + link.site(above: true) + ["--layout", "1x2"] + general)
        let other = try await BridgeProcess(second.flags() + link.site(above: false) + ["--layout", "1x2"] + general)
        let senders = try [first, second].map { try $0.send(media.path("\($0.id)-small")) }
        defer { for sender in senders { sender.stop() } }
        try await eventually("a cut link at both", seconds: 8) {
            let states = (try await one.site("other").link?.state, try await other.site("one").link?.state)
            return states == ("loop", "loop")
        }
        #expect(try await one.site("other").state == "slate")
        #expect(try await other.site("one").state == "slate")
        #expect(one.log.contains { $0.contains("loop") && $0.contains("other") })
        // The rooms themselves go on.
        try await one.waitUntilLive(["gia-binh"])
        // Put right: the other one is started anew, without the link. Who is left heals.
        #expect(other.stop() == 0)
        try await eventually("no loop any more", seconds: 8) { try await one.site("other").link?.state != "loop" }
        #expect(one.stop() == 0)
    }

    @Test("three in a ring: each finds the loop, cuts its own link, and heals when the ring is opened")
    func ring() async throws {
        let names = ["a", "b", "c"]
        // Each is the next one's superior.
        let links = try names.indices.map { try BridgeLink(superior: names[$0], subordinate: names[($0 + 1) % 3]) }
        var bridges: [BridgeProcess] = []
        for index in names.indices {
            let room = try SiteLine("room-\(names[index])")
            bridges.append(
                try await BridgeProcess(
                    room.flags() + links[index].downlink() + links[(index + 2) % 3].uplink() + general))
        }
        func loops(_ index: Int) async throws -> Int {
            try await bridges[index].status().sites.count { $0.link?.state == "loop" }
        }
        for index in names.indices {
            try await eventually("a loop at \(names[index])", seconds: 8) { try await loops(index) > 0 }
        }
        // The ring is opened: what is left is a chain, and no loop.
        #expect(bridges[2].stop() == 0)
        for index in 0..<2 {
            try await eventually("no loop at \(names[index])", seconds: 10) { try await loops(index) == 0 }
        }
        for bridge in bridges[..<2] { #expect(bridge.stop() == 0) }
    }

    @Test("a bridge of another version is a plain mixer: sound and picture go on")
    func otherVersion() async throws {
        let media = try TestMedia.prepared()
        let line = try SiteLine("gia-binh")
        let bridge = try await BridgeProcess(["--downlink"] + line.flags().dropFirst() + ["--layout", "1x1"] + general)
        // An announcement of version 9, as the peer's own RTCP brings it.
        let peer = try LoopbackSocket(port: line.home.videoRTCP)
        let message: [UInt8] = [9, 0, 0, 1]
        peer.send(RTPBytes.message("MCUL", message, ssrc: 7), to: line.bridge.videoRTCP)
        try await eventually("another version") {
            try await bridge.site("gia-binh").link?.state == "other-version"
        }
        #expect(bridge.log.contains { $0.contains("version 9") })
        let sender = try line.send(media.path("gia-binh-small"))
        defer { sender.stop() }
        try await bridge.waitUntilLive(["gia-binh"])
        try await eventually("a plain mixer") { try await bridge.site("gia-binh").link?.state == "plain" }
        #expect(bridge.stop() == 0)
    }

    @Test("the uplink dies: its backup takes over, then the hub, and Central is back when it sends again")
    func fallback() async throws {
        let media = try TestMedia.prepared()
        let (hub, central, backup) = (try SiteLine("gia-binh"), try SiteLine("tu-son"), try SiteLine("que-vo"))
        let bridge = try await BridgeProcess(
            hub.flags() + ["--uplink"] + central.flags("name=Trung ương").dropFirst() + ["--uplink"]
                + backup.flags("backup=tu-son").dropFirst() + ["--layout", "uplink"] + general)
        let recording = try Recording(ffmpeg: hub.id, of: bridge, size: size)
        func send(_ line: SiteLine) throws -> Subprocess { try line.send(media.path("\(line.id)-small")) }
        let hubSender = try send(hub)
        var centralSender = try send(central)
        let backupSender = try send(backup)
        defer { for sender in [hubSender, centralSender, backupSender] { sender.stop() } }
        try await bridge.waitUntilLive(["gia-binh", "tu-son", "que-vo"])
        let canvas = Rectangle(x: 0, y: 0, width: size.width, height: size.height)
        func shown(_ picture: PictureProbe) -> String? { picture.site(in: canvas, among: media.sites)?.id.rawValue }
        func waitFor(_ id: String) async throws {
            try await eventually("\(id) full screen") { try recording.newestPicture().map(shown) == id }
        }
        try await waitFor("tu-son")
        // Without a goodbye, as a line that is cut.
        var marks: [Int] = []
        centralSender.stop(signal: 9)
        try await waitFor("que-vo")
        marks.append(recording.pictureCount)
        let tone = media.site("que-vo").tone
        try await eventually("the backup's sound") { (try recording.levels(of: [tone])?[0] ?? -200) > -30 }
        backupSender.stop(signal: 9)
        try await waitFor("gia-binh")
        marks.append(recording.pictureCount)
        // Words across the picture say why: their box is darker than the hub's colour, which is all there is below.
        let captioned = try #require(try recording.newestPicture())
        let box = try #require(captioned.mean(of: Rectangle(x: 200, y: 220, width: 240, height: 30)))
        let plain = try #require(captioned.mean(of: Rectangle(x: 200, y: 320, width: 240, height: 20)))
        #expect(box.y < plain.y - 20, "\(box) \(plain)")
        #expect(bridge.log.contains { $0.contains("no signal") && $0.contains("gia-binh") }, "\(bridge.log)")
        centralSender = try send(central)
        try await waitFor("tu-son")
        recording.stop()
        // From the last new picture of one to the first of the next: a second at most.
        let video = try recording.pictures()
        for mark in marks {
            let now = shown(video.picture(mark - 1))
            let first = try #require((0..<mark).last { shown(video.picture($0)) != now }) + 1
            let before = (0..<first).reversed().prefix(60).map { video.picture($0).frameNumber(in: canvas) }
            let standing = before.prefix { $0 == before[0] }.count
            #expect(standing <= 15, "stood for \(standing) pictures")
        }
        #expect(bridge.stop() == 0)
    }
}
