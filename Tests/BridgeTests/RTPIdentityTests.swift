import Bridge
import Glibc
import Testing

/// Names in RTCP tell nobody who we are (RFC 7022): a plain report once told it of a call that was encrypted.
@Suite struct RTPIdentityTests {
    @Test func `each CNAME is another, long and of random letters`() {
        let names = (0..<2000).map { _ in RTPIdentity.randomCNAME() }
        #expect(Set(names).count == 2000)
        #expect(names.allSatisfy { $0.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLowercase) } })
        // 96 bits in base 36 are 18 or 19 letters; leading zeros are left out.
        let lengths = names.map(\.count).sorted()
        #expect(lengths[1000] >= 18 && lengths[0] >= 13)
        // Every letter is as likely as another: no host name, no address, no clock stands in all of them.
        for position in 0..<12 {
            let letters = Set(names.map { Array($0)[position] })
            #expect(letters.count >= (position == 0 ? 3 : 30), "\(position): \(letters)")
        }
    }
}
