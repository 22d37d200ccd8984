/// Packets that are right, for fuzzing to begin with.
enum PacketSeeds {
    static let media: [[UInt8]] = [
        hexadecimal("80600001 00000001 11111111 0102030405060708"),
        // Marker, two CSRCs.
        hexadecimal("82e0ffff fffffff0 11111111 22222222 33333333 0102"),
        // A one-byte header extension, padding.
        hexadecimal("b0600002 00000bb8 11111111 bede0002 10ff32112233 0000 0102030400000004"),
        hexadecimal("80000003 000000a0 22222222 ffffffff"),
        // Two CSRCs, their audio levels beside a transport-wide number.
        hexadecimal("92600004 00000fa0 11111111 22222222 33333333 bede0002 51abcd71057f0000 0102"),
    ]

    private static let senderReport = hexadecimal(
        """
        81c8000c 11111111 e4a1b2c3d4e5f607 00015f90 00000064 00002710 \
        0a0b0c0d 40000003 0001fffe 00000012 b2c3d4e5 00008000
        """)
    private static let description = hexadecimal("81ca0004 11111111 010463616d31 02024742 000000")
    private static let receiverReport = hexadecimal(
        "81c90007 11111111 0a0b0c0d ff7fffff ffffffff 00000000 00000000 ffffffff")
    private static let goodbye = hexadecimal("82cb0005 11111111 22222222 08706f776572206f 66660000 00000000")
    private static let pictureLoss = hexadecimal("81ce0002 11111111 0a0b0c0d")
    private static let fullIntra = hexadecimal("84ce0004 11111111 00000000 0a0b0c0d 07000000")
    private static let nack = hexadecimal("81cd0004 11111111 0a0b0c0d 00058001 ffffffff")
    private static let tmmbr = hexadecimal("83cd0004 11111111 00000000 0a0b0c0d 1a0b0828")
    private static let tmmbn = hexadecimal("84cd0002 11111111 00000000")
    private static let remb = hexadecimal("8fce0005 11111111 00000000 52454d42 010a7a12 0a0b0c0d")
    private static let transportWide = hexadecimal(
        "8fcd0006 11111111 0a0b0c0d 0001000e 00001201 2003 d40f 01020304 05060000")
    private static let application = hexadecimal("80cc0002 11111111 6e616d65")

    /// A segment of a message: the last of two, eight bytes in all.
    private static let segment = hexadecimal("80cc0005 11111111 4d43554c 00000001 01020008 01020304")

    static let control: [[UInt8]] = [
        receiverReport + description + segment,
        segment + hexadecimal("80cc0005 11111111 4d43554c 00000001 00020008 01020304"),
        senderReport + description, receiverReport + description + pictureLoss, receiverReport + goodbye, nack + tmmbr,
        fullIntra, remb + tmmbn, transportWide, application, pictureLoss + hexadecimal("a1c90002 11111111 00000004"),
    ]

    static let opus: [[UInt8]] = [
        // One frame, two alike, two unlike, three alike with padding, three unlike.
        [0x78, 1, 2, 3], [0x79, 1, 2, 3, 4], [0x7A, 2, 1, 2, 3], [0x7B, 0x43, 2, 1, 2, 3, 0, 0],
        [0x7B, 0x83, 1, 2, 1, 2, 2, 3], [0x1F, 0x81], [0x7B, 0xC2, 255, 255, 3, 252, 1],
    ]
}
