import Media

/// The levels of H.264 by what a decoder must hold (ITU-T H.264 table A-1): enough of them for a `profile-level-id`.
package enum H264Level {
    /// level_idc, macroblocks a second, macroblocks a picture.
    private static let table: [(idc: UInt8, rate: Int, size: Int)] = [
        (10, 1_485, 99), (11, 3_000, 396), (12, 6_000, 396), (13, 11_880, 396), (21, 19_800, 792), (22, 20_250, 1_620),
        (30, 40_500, 1_620), (31, 108_000, 3_600), (32, 216_000, 5_120), (40, 245_760, 8_192), (42, 522_240, 8_704),
        (50, 589_824, 22_080), (51, 983_040, 36_864), (52, 2_073_600, 36_864),
    ]

    /// The lowest level_idc that holds pictures of `size` at `frameRate` a second.
    package static func idc(for size: Size, frameRate: Int) -> UInt8 {
        let macroblocks = ((size.width + 15) / 16) * ((size.height + 15) / 16)
        return table.first { $0.size >= macroblocks && $0.rate >= macroblocks * frameRate }?.idc ?? 52
    }
}
