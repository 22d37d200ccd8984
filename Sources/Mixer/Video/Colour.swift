/// A colour as the canvas has it: BT.709, limited range.
package struct Colour: Hashable, Sendable {
    /// Luma, 16 (black) to 235 (white).
    package var y: UInt8
    /// Blue difference around 128.
    package var cb: UInt8
    /// Red difference around 128.
    package var cr: UInt8

    package init(y: UInt8, cb: UInt8 = 128, cr: UInt8 = 128) {
        self.y = y
        self.cb = cb
        self.cr = cr
    }

    /// Black: the canvas between and around pictures.
    package static let background = Colour(y: 16)
    /// What a slate is painted on: dark, yet not a dead screen.
    package static let slate = Colour(y: 38, cb: 130, cr: 127)
    /// The active speaker's border: #2ECC40.
    package static let speaker = Colour(y: 154, cb: 82, cr: 64)
}

/// Which weights of red and blue make the luma of a picture (ITU-T H.273, table 4).
package enum ColourMatrix: Hashable, Sendable, CaseIterable {
    case bt709, bt601, bt2020

    var red: Double {
        switch self {
        case .bt709: 0.2126
        case .bt601: 0.299
        case .bt2020: 0.2627
        }
    }

    var blue: Double {
        switch self {
        case .bt709: 0.0722
        case .bt601: 0.114
        case .bt2020: 0.0593
        }
    }
}

/// The linear step from one matrix to BT.709, of limited-range samples, in 1/16384. Luma takes a share of both colour
/// differences; these mix with each other and never with luma, so 4:2:0 samples are converted in place.
struct MatrixConversion: Hashable, Sendable {
    var lumaFromCb: Int32
    var lumaFromCr: Int32
    var cbFromCb: Int32
    var cbFromCr: Int32
    var crFromCb: Int32
    var crFromCr: Int32

    static let shift: Int32 = 14

    /// `nil` when there is nothing to convert.
    init?(from source: ColourMatrix) {
        guard source != .bt709 else { return nil }
        let target = ColourMatrix.bt709
        // R, G and B as Y plus shares of the source's Cb and Cr; then the target's equations (H.273, 8.3).
        let green = 1 - source.red - source.blue
        let targetGreen = 1 - target.red - target.blue
        let redFromCr = 2 * (1 - source.red)
        let blueFromCb = 2 * (1 - source.blue)
        let lumaFromCr = target.red * redFromCr - targetGreen * source.red * redFromCr / green
        let lumaFromCb = target.blue * blueFromCb - targetGreen * source.blue * blueFromCb / green
        let cbScale = 2 * (1 - target.blue)
        let crScale = 2 * (1 - target.red)
        func fixed(_ value: Double) -> Int32 { Int32((value * Double(1 << Self.shift)).rounded()) }
        // Luma has 219 steps where colour differences have 224.
        self.lumaFromCb = fixed(lumaFromCb * 219 / 224)
        self.lumaFromCr = fixed(lumaFromCr * 219 / 224)
        cbFromCb = fixed((blueFromCb - lumaFromCb) / cbScale)
        cbFromCr = fixed(-lumaFromCr / cbScale)
        crFromCb = fixed(-lumaFromCb / crScale)
        crFromCr = fixed((redFromCr - lumaFromCr) / crScale)
    }
}
