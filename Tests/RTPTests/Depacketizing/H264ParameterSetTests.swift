import Media
import RTP
import TestSupport
import Testing

@Suite struct H264ParameterSetTests {
    typealias Fixture = H264Fixture

    private func sps(_ bytes: [UInt8]) -> H264SPS? { bytes.withUnsafeBytes { H264SPS(parsing: $0) } }

    @Test func readsWhatX264Writes() throws {
        let small = try #require(sps(Fixture.sps))
        #expect(small.profile == 66)
        #expect(small.constraints == 0xC0)
        #expect(small.level == 10)
        #expect(small.codedSize == Size(width: 160, height: 96))
        #expect(small.size == Size(width: 160, height: 90))
        #expect(small.reorderDepth == 0)
        let large = try #require(sps(Fixture.largeSPS))
        #expect(large.profile == 100)
        #expect(large.level == 40)
        #expect(large.codedSize == Size(width: 1920, height: 1088))
        #expect(large.size == Size(width: 1920, height: 1080))
        #expect(large.reorderDepth == 2)
    }

    @Test func everyShorterOneIsNoneOrTheSameSize() {
        for count in 0..<Fixture.largeSPS.count {
            let size = sps([UInt8](Fixture.largeSPS.prefix(count)))?.codedSize
            #expect(size == nil || size == Size(width: 1920, height: 1088))
        }
    }

    @Test func aSizeNoLevelHasIsNoParameterSet() {
        #expect(sps(H264Bombs.sps(columns: 1 << 31, rows: 1 << 31)) == nil)
    }

    @Test(arguments: [(1024, 1024), (300, 100), (16, 257), (256, 145)])
    func picturesAboveTheLimitAreRefused(columns: Int, rows: Int) {
        let feed = PayloadFeed(H264Depacketizer())
        let bomb = H264Bombs.sps(columns: columns, rows: rows)
        #expect(bomb.count <= 22)
        feed.push(Fixture.stapA(bomb, Fixture.pps, Fixture.slice(isIDR: true)), marker: true)
        #expect(feed.units.isEmpty)
        #expect(feed.refused == [Size(width: columns * 16, height: rows * 16)])
        #expect(feed.depacketizer.statistics.refused == 1)
    }

    @Test(arguments: [(256, 144), (144, 256), (120, 68)])
    func picturesUpToTheLimitPassEitherWayUp(columns: Int, rows: Int) {
        let feed = PayloadFeed(H264Depacketizer())
        feed.push(
            Fixture.stapA(H264Bombs.sps(columns: columns, rows: rows), Fixture.pps, Fixture.slice(isIDR: true)),
            marker: true)
        #expect(feed.units.map(\.isKeyframe) == [true])
    }

    @Test func aBombHiddenInsideAnotherNALUnitIsFound() {
        let feed = PayloadFeed(H264Depacketizer())
        let bomb = H264Bombs.sps(columns: 1024, rows: 1024)
        feed.push(
            Fixture.stapA(Fixture.sps, Fixture.pps, [0x06, 0xFF, 0, 0, 1] + bomb, Fixture.slice(isIDR: true)),
            marker: true)
        #expect(feed.units.isEmpty)
        #expect(feed.refused.count == 1)
    }

    @Test func aBombInSDPIsLeftOut() {
        let feed = PayloadFeed(
            H264Depacketizer(parameterSets: [H264Bombs.sps(columns: 1024, rows: 1024), Fixture.pps]))
        feed.push(Fixture.slice(isIDR: true), marker: true)
        #expect(feed.units.map(\.bytes) == [annexB(Fixture.slice(isIDR: true))])
        #expect(feed.units.map(\.isKeyframe) == [false])
    }
}
