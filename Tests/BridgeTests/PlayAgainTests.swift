import Bridge
import Conference
import Foundation
import Media
import Mixer
import Testing

@Suite struct PlayAgainTests {
    /// 100 ms of silence.
    private static func makeFile(_ path: String) throws {
        let storage = AudioBlockStorage(capacity: 1)
        var writer = try MediaFileWriter(
            MediaLocation(path), pictures: nil, sound: .samples(bitrate: Bitrate(bitsPerSecond: 64_000)))
        for tick in 0..<5 { try writer.write(storage[0], at: AudioBlock.duration * tick) }
        try writer.finish()
    }

    /// Whether it was really opened each time is seen by the file: it is not there at first, and not any more at the end.
    @Test func whatWasPlayedOrFailedIsPlayedOnceMore() throws {
        let path = NSTemporaryDirectory() + "/mcu-server-play-\(UInt64.random(in: .min ... .max)).wav"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let plan = PlayerPlan(location: path)
        let id = try #require(SiteID("film"))
        let running = try LoopbackBridge([SitePlan(id: id, name: "Phim", audio: nil, video: nil, player: plan)])
        func becomes(_ state: String) -> Bool { eventually { running.status(of: id)?.player?.state == state } }
        #expect(becomes("failed"))
        try Self.makeFile(path)
        try running.bridge.apply([.play(id, plan)])
        #expect(becomes("ended"))
        try FileManager.default.removeItem(atPath: path)
        try running.bridge.apply([.play(id, plan)])
        #expect(becomes("failed"))
    }
}
