import Media
import RTP
import Testing

@Suite struct H264DepacketizerTests {
    typealias Fixture = H264Fixture
    typealias Feed = PayloadFeed<H264Depacketizer>

    /// A feed that has had its first keyframe at timestamp -1.
    private func runningFeed() -> Feed {
        let feed = Feed(H264Depacketizer())
        feed.push(Fixture.stapA(Fixture.sps, Fixture.pps), timestamp: -1)
        feed.push(Fixture.slice(isIDR: true), timestamp: -1, marker: true)
        feed.units.removeAll()
        return feed
    }

    @Test func singleNALUnitsBecomeOneAccessUnit() {
        let feed = Feed(H264Depacketizer())
        feed.push(Fixture.sps, timestamp: 9000)
        feed.push(Fixture.pps, timestamp: 9000)
        feed.push(Fixture.slice(isIDR: true), timestamp: 9000)
        feed.push(Fixture.slice(isFirst: false, isIDR: true), timestamp: 9000, marker: true)
        let bytes = annexB(
            Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true), Fixture.slice(isFirst: false, isIDR: true))
        #expect(feed.units == [.init(bytes: bytes, timestamp: 9000, isKeyframe: true, isDamaged: false)])
        #expect(feed.isPadded)
    }

    @Test func stapAIsTakenApart() {
        let feed = Feed(H264Depacketizer())
        feed.push(Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true)), marker: true)
        #expect(feed.units.map(\.bytes) == [annexB(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true))])
        #expect(feed.units.map(\.isKeyframe) == [true])
    }

    @Test func fragmentsAreJoined() {
        let feed = runningFeed()
        let slice = Fixture.slice(size: 5000)
        let fragments = Fixture.fuA(slice, size: 1200)
        for (index, fragment) in fragments.enumerated() { feed.push(fragment, marker: index == fragments.count - 1) }
        #expect(feed.units.map(\.bytes) == [annexB(slice)])
        #expect(feed.units.map(\.isDamaged) == [false])
    }

    @Test func aChangedTimestampEndsAnAccessUnitWithoutMarker() {
        let feed = runningFeed()
        feed.push(Fixture.slice(fill: 1), timestamp: 3000)
        #expect(feed.units.isEmpty)
        feed.push(Fixture.slice(fill: 2), timestamp: 6000, marker: true)
        #expect(feed.units.map(\.timestamp) == [3000, 6000])
        #expect(feed.units.map(\.bytes) == [annexB(Fixture.slice(fill: 1)), annexB(Fixture.slice(fill: 2))])
        #expect(feed.units.allSatisfy { !$0.isDamaged })
    }

    @Test func parameterSetsWithAMarkerOrTimestampOfTheirOwnGoWithTheirPicture() {
        let feed = Feed(H264Depacketizer())
        feed.push(Fixture.sps, timestamp: 1, marker: true)
        feed.push(Fixture.pps, timestamp: 1, marker: true)
        feed.push(Fixture.slice(isIDR: true), timestamp: 2, marker: true)
        let bytes = annexB(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true))
        #expect(feed.units == [.init(bytes: bytes, timestamp: 2, isKeyframe: true, isDamaged: false)])
    }

    @Test func parameterSetsFromSDPGoBeforeKeyframesThatLackThem() {
        let feed = Feed(H264Depacketizer(parameterSets: [Fixture.sps, Fixture.pps]))
        feed.push(Fixture.slice(isIDR: true), marker: true)
        feed.push(Fixture.slice(), timestamp: 1, marker: true)
        #expect(feed.units[0].bytes == annexB(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true)))
        #expect(feed.units[0].isKeyframe && !feed.units[0].isDamaged)
        #expect(feed.units[1].bytes == annexB(Fixture.slice()))
        feed.push(Fixture.stapA(Fixture.largeSPS, Fixture.pps), timestamp: 2)
        feed.push(Fixture.slice(isIDR: true), timestamp: 2, marker: true)
        #expect(feed.units[2].bytes == annexB(Fixture.largeSPS, Fixture.pps, Fixture.slice(isIDR: true)))
    }

    @Test func aKeyframeWithoutAnyParameterSetIsNone() {
        let feed = Feed(H264Depacketizer())
        feed.push(Fixture.slice(isIDR: true), marker: true)
        #expect(feed.units.map(\.isKeyframe) == [false])
        #expect(feed.units.map(\.isDamaged) == [true])
    }

    @Test func lossDamagesEverythingUpToTheNextKeyframe() {
        let feed = runningFeed()
        feed.push(Fixture.slice(), timestamp: 0)
        feed.lose()
        feed.push(Fixture.slice(isFirst: false), timestamp: 0, marker: true)
        feed.push(Fixture.slice(), timestamp: 1, marker: true)
        feed.push(Fixture.slice(isIDR: true), timestamp: 2, marker: true)
        feed.push(Fixture.slice(), timestamp: 3, marker: true)
        #expect(feed.units.map(\.isDamaged) == [true, true, false, false])
        #expect(feed.units.map(\.isWhole) == [false, true, true, true])
    }

    @Test func aKeyframeRightAfterALossIsWholeIfItsHeadIsThere() {
        let feed = runningFeed()
        feed.lose()
        feed.push(Fixture.slice(isIDR: true), timestamp: 0, marker: true)
        feed.lose()
        feed.push(Fixture.slice(isFirst: false, isIDR: true), timestamp: 1, marker: true)
        #expect(feed.units.map(\.isDamaged) == [false, true])
    }

    @Test func aLostMarkerDamagesThePictureItEnded() {
        let feed = runningFeed()
        feed.push(Fixture.slice(), timestamp: 0)
        feed.lose()
        feed.push(Fixture.slice(isIDR: true), timestamp: 1, marker: true)
        #expect(feed.units.map(\.isDamaged) == [true, false])
    }

    @Test func aNALUnitThatLacksItsLastFragmentIsTakenOff() {
        let feed = runningFeed()
        let fragments = Fixture.fuA(Fixture.slice(size: 3000), size: 1200)
        feed.push(fragments[0])
        feed.push(fragments[1])
        feed.lose()
        feed.push(Fixture.slice(isFirst: false), marker: true)
        #expect(feed.units.map(\.bytes) == [annexB(Fixture.slice(isFirst: false))])
        #expect(feed.units.map(\.isDamaged) == [true])
        #expect(feed.depacketizer.statistics.unfinished == 1)
    }

    @Test func fragmentsWithoutTheirFirstAreDropped() {
        let feed = runningFeed()
        let fragments = Fixture.fuA(Fixture.slice(size: 3000), size: 1200)
        feed.push(fragments[1])
        feed.push(fragments[2], marker: true)
        feed.push(Fixture.slice(), timestamp: 1, marker: true)
        #expect(feed.depacketizer.statistics.orphaned == 2)
        #expect(feed.units.map(\.isDamaged) == [true])
    }

    @Test func recoveryPointsAreToldFromKeyframes() {
        let feed = Feed(H264Depacketizer())
        for (timestamp, count) in [2, 0].enumerated() {
            feed.push(
                Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.recoveryPoint(count), Fixture.slice()),
                timestamp: Int64(timestamp), marker: true)
        }
        #expect(feed.units.map(\.isRecoveryPoint) == [true, true])
        #expect(feed.units.map(\.isKeyframe) == [false, true])
        #expect(feed.units.map(\.isDamaged) == [true, false])
    }

    @Test(arguments: [25, 26, 27, 29, 30, 31, 0])
    func interleavedAndReservedTypesAreDroppedAndCounted(type: UInt8) {
        let feed = runningFeed()
        feed.push([0x60 | type, 0, 0, 0, 5, 1, 2, 3, 4, 5])
        feed.push(Fixture.slice(), marker: true)
        #expect(feed.depacketizer.statistics.unsupported == 1)
        #expect(feed.units.map(\.isDamaged) == [true])
    }

    @Test(arguments: [
        "78", "7800", "780000", "7800FF41", "78000441880102 FFFF41", "7C", "7C85", "7C9C0102", "F8",
    ])
    func malformedPayloadsAreDroppedAndCounted(payload: String) {
        let feed = runningFeed()
        feed.push(octets(payload))
        feed.push(Fixture.slice(), marker: true)
        #expect(feed.depacketizer.statistics.malformed == 1)
        #expect(feed.units.map(\.isDamaged) == [true])
    }

    @Test func theForbiddenBitDropsANALUnit() {
        let feed = runningFeed()
        feed.push([0xC1, 0x88, 1, 2, 3])
        feed.push(Fixture.slice(), marker: true)
        #expect(feed.depacketizer.statistics.forbidden == 1)
        #expect(feed.units.map(\.isDamaged) == [true])
    }

    @Test func paddingAndFillerLeaveNoMark() {
        let feed = runningFeed()
        feed.push([])
        feed.push([0x0C, 0xFF, 0xFF, 0x80])
        feed.push(Fixture.slice(), marker: true)
        #expect(feed.units.map(\.bytes) == [annexB(Fixture.slice())])
        #expect(feed.units.map(\.isDamaged) == [false])
    }

    @Test func anEndlessFragmentMeetsTheCap() {
        let feed = Feed(H264Depacketizer(maximumSize: 1 << 20))
        let body = [UInt8](repeating: 0x55, count: 1400)
        feed.push([0x7C, 0x85] + body)
        for _ in 0..<10_000 { feed.push([0x7C, 0x05] + body) }
        #expect(feed.depacketizer.allocatedBytes <= 2 * (1 << 20 + AccessUnit.padding))
        feed.push([0x7C, 0x45] + body, marker: true)
        #expect(feed.units.isEmpty)
        #expect(feed.depacketizer.statistics.oversized == 1)
        feed.push(Fixture.stapA(Fixture.sps, Fixture.pps, Fixture.slice(isIDR: true)), timestamp: 1, marker: true)
        #expect(feed.units.map(\.isDamaged) == [false])
    }

    @Test func aHundredThousandTinyNALUnitsAreBorne() {
        let feed = runningFeed()
        let payload = Fixture.stapA([0x41], [0x41], [0x41], [0x41], [0x41], [0x41], [0x41], [0x41], [0x41], [0x41])
        for _ in 0..<10_000 { feed.push(payload) }
        feed.push(payload, marker: true)
        #expect(feed.units.count == 1)
    }
}
