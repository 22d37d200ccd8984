import Media

/// RTP payloads of each codec that make pictures: a keyframe, pictures after it, in one piece and in several.
enum VideoSeeds {
    /// One payload, and whether it ends its picture.
    typealias Piece = (payload: [UInt8], marker: Bool)

    static func pieces(_ codec: VideoCodec) -> [Piece] {
        switch codec {
        case .h264: h264
        case .h265: h265
        case .vp8: vp8
        case .vp9: vp9
        }
    }

    private static let h264: [Piece] = [
        // x264's SPS and PPS of 160x90 in a STAP-A, an IDR slice, the same in FU-A, a slice, a recovery point.
        (
            hexadecimal("78 0018 6742c00ad9028df93011000003000100000300140f122648 0005 68cb83cb20"), false
        ),
        (hexadecimal("6588 abababababababab"), true), (hexadecimal("7c85 88abababab"), false),
        (hexadecimal("7c05 abababab"), false), (hexadecimal("7c45 abababab"), true),
        (hexadecimal("4188 abababababababab"), true), (hexadecimal("0606 01c480"), false),
        (hexadecimal("67640028acd940780227e5c044000003000400000300503c60c658"), false),
        // STAP-B, MTAP and FU-B: not negotiated, not taken.
        (hexadecimal("79 0001 0002 4188"), true), (hexadecimal("7d 0001 85 88ab"), false),
    ]
    private static let h265: [Piece] = [
        // An aggregation packet of VPS, SPS and PPS, an IDR, its fragments, a slice.
        (
            hexadecimal(
                """
                6001 0018 40010c01ffff01600000030090000003000003005d959809 \
                002b 42010101600000030090000003000003005da00280802d165959a4932bc05a020000030002000003001410 \
                0007 4401c172b46240
                """), false
        ),
        (hexadecimal("2601 af0102030405060708"), true), (hexadecimal("6201 93 af010203"), false),
        (hexadecimal("6201 13 0405"), false), (hexadecimal("6201 53 060708"), true),
        (hexadecimal("0201 d00102030405060708"), true), (hexadecimal("6401 0102"), false),
    ]
    private static let vp8: [Piece] = [
        (hexadecimal("10 1062009d012a4001b40000070885858885848802"), true),
        (hexadecimal("90e0 8001 20 40 1062009d012a4001b400"), false), (hexadecimal("00 00070885858885848802"), true),
        (hexadecimal("10 b1010005101410"), true), (hexadecimal("9080 11 b1010005101410"), true),
    ]
    private static let vp9: [Piece] = [
        (hexadecimal("8c 8001 824983420013f00b360438241c184a000950"), true),
        (hexadecimal("0c 824983420013f00b3604"), false), (hexadecimal("04 38241c184a000950"), true),
        (hexadecimal("4c 8700400802030405"), true),
        (hexadecimal("ac 8002 00 01 824983420013f00b360438241c184a000950"), false),
        (hexadecimal("0a 18 0140 00b4 01 04 8700400802030405"), true), (hexadecimal("5c 01 8700400802030405"), true),
    ]
}
