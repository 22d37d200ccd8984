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
}
