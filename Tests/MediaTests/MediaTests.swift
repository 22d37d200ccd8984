import Media
import Testing

@Suite struct MediaTests {
    @Test(arguments: [("1500k", 1_500_000), ("1.5M", 1_500_000), ("64000", 64_000), ("2m", 2_000_000)])
    func bitrateReadsWhatOperatorsWrite(text: String, bits: Int) {
        #expect(Bitrate(text)?.bitsPerSecond == bits)
    }

    @Test(arguments: ["", "k", "-5k", "fast", "1e99", "nan", "0"])
    func bitrateRefuses(text: String) {
        #expect(Bitrate(text) == nil)
    }

    @Test func sizeReadsWidthAndHeight() {
        #expect(Size("1280x720") == Size(width: 1280, height: 720))
        for text in ["1280", "1280x", "x720", "0x720", "1280x720x2", "-1x5", "1280 x 720"] {
            #expect(Size(text) == nil, "\(text)")
        }
    }

    @Test func sizeHasAnAreaHoweverLongItsSidesAre() {
        #expect(Size("65535x65535")?.area == 4_294_836_225)
        for text in ["65536x720", "1280x65536", "19201080000x10801920000", "9223372036854775807x2"] {
            #expect(Size(text) == nil, "\(text)")
        }
    }

    @Test func siteIDsAreWordsOperatorsCanType() {
        #expect(SiteID("gia-binh")?.rawValue == "gia-binh")
        for text in ["", "Gia", "-a", "a b", "huyện", String(repeating: "a", count: 33), "a,b"] {
            #expect(SiteID(text) == nil, "\(text)")
        }
    }

    @Test func payloadTypesLeaveRoomForRTCP() {
        #expect(PayloadType(96)?.rawValue == 96)
        for value in [-1, 64, 72, 95, 128, 4_294_967_296] { #expect(PayloadType(value) == nil, "\(value)") }
    }

    @Test func ntpTimeCountsFrom1900InFixedPoint() {
        // 1970-01-01 00:00:00.5 is 2208988800.5 s after 1900.
        let time = NTPTime(unixNanoseconds: 500_000_000)
        #expect(time.rawValue == UInt64(2_208_988_800) << 32 + 0x8000_0000)
        #expect(time.middle == UInt32(truncatingIfNeeded: 2_208_988_800 << 16 | 0x8000))
        let later = NTPTime(unixNanoseconds: 2_250_000_000)
        #expect(abs(later.nanoseconds(since: time) - 1_750_000_000) <= 1)
        #expect(abs(time.nanoseconds(since: later) + 1_750_000_000) <= 1)
    }

    @Test func instantsAndIntervalsAdd() {
        let start = Instant.zero + .seconds(2)
        #expect((start + .milliseconds(20)) - start == .milliseconds(20))
        #expect(Interval.milliseconds(20) * 50 == .seconds(1))
        #expect(start < .distantFuture)
    }
}
