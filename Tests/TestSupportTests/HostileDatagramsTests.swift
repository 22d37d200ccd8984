import TestSupport
import Testing

@Suite("Hostile datagrams") struct HostileDatagramsTests {
    @Test("each kind is what it says")
    func eachKindIsWhatItSays() {
        var hostile = HostileDatagrams(seed: 1)
        hostile.learn([UInt8](repeating: 7, count: 200))
        var strangers: Set<[UInt8]> = []
        for _ in 0..<500 {
            #expect(hostile.make(.noise).count <= 1500)
            #expect((1..<12).contains(hostile.make(.truncated).count))
            let lying = hostile.make(.lyingLength)
            #expect(lying[0] >> 6 == 2 && lying[0] & 0x3F != 0)
            let stranger = hostile.make(.strangeSSRC)
            #expect(stranger[0] == 0x80 && stranger.count > 12)
            strangers.insert(Array(stranger[8..<12]))
            let broken = hostile.make(.brokenRTCP)
            #expect(broken.count < 2 || (200...207).contains(broken[1]))
            let mutated = hostile.make(.mutated)
            #expect(mutated.count == 200 && mutated.filter { $0 != 7 }.count <= 8)
            #expect(hostile.make(.replayed) == [UInt8](repeating: 7, count: 200))
        }
        #expect(strangers.count > 490)
    }

    @Test("every length is there thrice: as noise, RTP and RTCP")
    func everyLengthIsThereThrice() {
        var hostile = HostileDatagrams(seed: 2)
        let all = hostile.everyLength()
        for length in 0...64 { #expect(all.count { $0.count == length } == (length > 1 ? 3 : 1)) }
        #expect(all.count { $0.count > 1 && $0[0] >> 6 == 2 && (200...207).contains($0[1]) } >= 63)
        #expect(all.count { $0.count > 1 && $0[0] >> 6 == 2 && $0[1] & 0x7F == 96 } >= 63)
    }

    @Test("kinds take turns from a seed")
    func kindsTakeTurnsFromASeed() {
        var first = HostileDatagrams(seed: 9)
        var second = HostileDatagrams(seed: 9)
        for index in 0..<70 {
            let (kind, datagram) = first.make()
            #expect(kind.rawValue == index % HostileDatagrams.Kind.allCases.count)
            #expect(second.make().datagram == datagram)
        }
    }

    @Test("memory of what passed is bounded and fresh")
    func memoryOfWhatPassedIsBoundedAndFresh() {
        var hostile = HostileDatagrams(seed: 1)
        for byte in 0..<200 { hostile.learn([UInt8(byte)]) }
        let replayed = Set((0..<1000).map { _ in hostile.make(.replayed) })
        #expect(replayed == Set((168..<200).map { [UInt8($0)] }))
    }
}
