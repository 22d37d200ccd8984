/// Tells an encoder that has failed for good from one that leaves out a picture now and then.
package struct EncoderWatch {
    /// Pictures lost since the last that came.
    private var lost = 0

    private static let most = 10

    package init() {}

    /// - Returns: whether the encoder is to be given up.
    package mutating func note(isLost: Bool) -> Bool {
        lost = isLost ? lost + 1 : 0
        guard lost == Self.most else { return false }
        lost = 0
        return true
    }
}
