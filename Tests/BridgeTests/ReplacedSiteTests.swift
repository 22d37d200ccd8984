import Bridge
import Conference
import Media
import TestSupport
import Testing

/// A site whose line is another one now leaves and comes again: a reload does so.
@Suite struct ReplacedSiteTests {
    @Test func aSiteThatLeavesAndComesAgainAtTheSamePortsIsThere() throws {
        let home = try LoopbackSocket()
        let site = try LoopbackBridge.site("hall", at: try #require(PortAllocator.block()), sentTo: home)
        // One tick a second: what a tick holds on to it holds for long.
        let running = try LoopbackBridge([site], frameRate: 1)
        #expect(eventually { !home.sources.isEmpty })
        let before = home.sources
        for _ in 0..<10 {
            try running.bridge.apply([.remove(site.id)])
            try running.bridge.apply([.add(site, program: .room)])
        }
        #expect(eventually { !home.sources.subtracting(before).isEmpty })
        #expect(running.bridge.sitePlans == [site])
    }

    /// Its new line is there before the old one ends.
    @Test func ourPictureThatComesBackFromASiteThatMovedIsALoop() throws {
        let homes = try (0..<2).map { _ in try LoopbackSocket() }
        let old = try LoopbackBridge.site("hall", at: try #require(PortAllocator.block()), sentTo: homes[0])
        let ports = try #require(PortAllocator.block())
        let new = try LoopbackBridge.site("hall", at: ports, sentTo: homes[1])
        let running = try LoopbackBridge([old])
        try running.bridge.apply([.remove(old.id), .add(new, program: .room)])
        #expect(eventually { !homes[1].sources.isEmpty })
        let ours = try #require(homes[1].sources.first)
        let contributor: [UInt8] = (0..<4).map { UInt8(truncatingIfNeeded: ours >> (24 - 8 * $0)) }
        // One contributor, and a NAL unit that shows nothing.
        let header: [UInt8] = [0x81, LoopbackBridge.payloadType.rawValue, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7]
        homes[1].send(header + contributor + [0x09, 0xF0], to: ports.video)
        #expect(eventually { running.status(of: new.id)?.link?.state == "loop" })
    }
}
