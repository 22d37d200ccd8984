import Media
import Mixer
import TestSupport
import Testing

@Suite struct FilePlayerTests {
    private let scratch: Scratch
    private let start = Instant(nanoseconds: 7_000_000_000)

    init() throws { scratch = try Scratch() }

    private func film(repeats: Bool = false) throws -> FilePlayer {
        let path = try scratch.make(
            "film.mkv", Lavfi.numbered() + Lavfi.tone(400) + ["-c:v", "libx264", "-c:a", "pcm_s16le"])
        return FilePlayer(try MediaFileReader(MediaLocation(path), repeats: repeats))
    }

    /// What a player handed out, and when, in milliseconds from the start.
    private struct Played {
        var pictures: [(number: Int, time: Double)] = []
        var blocks: [Double] = []
        var end: Double?
    }

    /// Ticks of 10 ms.
    private func play(_ player: inout FilePlayer, _ ticks: Range<Int>) throws -> Played {
        var played = Played()
        for tick in ticks {
            let time = Double(tick * 10)
            while let item = try player.next(at: start + Interval.milliseconds(tick * 10)) {
                switch item {
                case .picture(let picture):
                    played.pictures.append(((Int(picture.colour(x: 20, y: 20)?.y ?? 0) - 12) / 8, time))
                case .samples: played.blocks.append(time)
                case .end: played.end = time
                }
            }
        }
        return played
    }

    @Test func eachThingComesWhenItIsDue() throws {
        var player = try film()
        #expect(player.deadline == .zero)
        let played = try play(&player, 0..<120)
        #expect(played.pictures.map(\.number) == Array(0..<25))
        #expect(played.pictures.map(\.time) == (0..<25).map { Double($0 * 40) })
        #expect(played.blocks == (0..<50).map { Double($0 * 20) })
        #expect(played.end == 1000)
        #expect(player.hasEnded && player.deadline == .distantFuture)
        #expect(player.duration == .seconds(1))
        #expect(player.stalls == 0)
    }

    @Test func deadlineSaysWhenTheNextThingIsDue() throws {
        var player = try film()
        while try player.next(at: start) != nil {}
        #expect(player.deadline == start + .milliseconds(20))
        #expect(player.position == .zero)
    }

    @Test func pauseStopsTimeAndLosesNothing() throws {
        var player = try film()
        let before = try play(&player, 0..<30)
        player.pause(at: start + .milliseconds(300))
        #expect(player.isPaused && player.deadline == .distantFuture)
        #expect(try play(&player, 30..<130).pictures.isEmpty)
        player.resume(at: start + .milliseconds(1300))
        let after = try play(&player, 130..<230)
        #expect((before.pictures + after.pictures).map(\.number) == Array(0..<25))
        #expect(after.pictures.first?.time == 1320)
        #expect(before.blocks.count + after.blocks.count == 50)
        #expect(player.stalls == 0)
    }

    @Test func repeatedFilmGoesOnWithoutAStop() throws {
        var player = try film(repeats: true)
        let played = try play(&player, 0..<300)
        #expect(played.pictures.map(\.number) == (0..<75).map { $0 % 25 })
        #expect(played.pictures.map(\.time) == (0..<75).map { Double($0 * 40) })
        #expect(played.blocks.count == 150)
        #expect(played.end == nil)
        #expect(player.position < .seconds(1))
    }

    @Test func callerThatStalledIsNotFlooded() throws {
        var player = try film()
        _ = try play(&player, 0..<20)
        let late = try play(&player, 320..<325)
        #expect(player.stalls == 1)
        #expect(late.pictures.count <= 3 && late.blocks.count <= 5)
        let rest = try play(&player, 325..<420)
        #expect((late.pictures + rest.pictures).map(\.number) == Array(5..<25))
    }

    @Test func stillStandsForEver() throws {
        let path = try scratch.make("flag.jpg", ["-f", "lavfi", "-i", "color=red:s=64x36:d=0.04", "-frames:v", "1"])
        var player = FilePlayer(try MediaFileReader(MediaLocation(path), repeats: true))
        #expect(player.isStill && player.duration == nil && !player.hasSound)
        let played = try play(&player, 0..<10)
        #expect(played.pictures.count == 1)
        #expect(try player.next(at: start + .seconds(86_400)) == nil)
        #expect(!player.hasEnded && player.deadline == .distantFuture)
    }
}
