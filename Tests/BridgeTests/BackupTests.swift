import Bridge
import Conference
import Media
import SyntheticMedia
import TestSupport
import Testing

@Suite struct BackupTests {
    /// What a site that nobody looks at is asked for is far too little for the cell that the backup fills.
    @Test func aBackupThatTakesOverIsAskedForAPictureAsLargeAsItsCell() throws {
        let homes = try (0..<3).map { _ in try LoopbackSocket() }
        let ports = try (0..<3).map { _ in try #require(PortAllocator.block()) }
        let hall = try LoopbackBridge.site("hall", at: ports[0], sentTo: homes[0])
        let uplink = try LoopbackBridge.site("tw", at: ports[1], sentTo: homes[1], kind: .uplink)
        let backup = try LoopbackBridge.site(
            "tw2", at: ports[2], sentTo: homes[2], kind: .uplink, backupOf: uplink.id)
        let video = try RecordedVideo(MovingScene(1), size: Size(width: 320, height: 180), count: 30)
        var stream = LoopedStream(video)
        let running = try LoopbackBridge([hall, uplink, backup], size: Size(width: 1280, height: 720))
        // The uplink itself is dead from the beginning.
        let isAsked = eventually {
            homes[2].send(Array(stream.next().datagram), to: ports[2].video)
            return running.status(of: backup.id)?.videoIn?.askedBps ?? 0 > 256_000
        }
        #expect(isAsked)
    }
}
