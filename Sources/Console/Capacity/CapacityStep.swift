/// What was measured of one conference of so many sites.
package struct CapacityStep: Hashable, Codable, Sendable {
    package var sites: Int
    /// Of the bridge, in cores.
    package var cores: Double
    /// Resident memory of the bridge, in bytes.
    package var memory: Int
    /// From a camera's first packet of a picture to the composed picture that shows it, decoded, in ms; `nil`: none came.
    package var delayMedian: Double?
    package var delay95: Double?
    /// Ticks of pictures and sound that ran late or were left out, and pictures that no encoder was free for.
    package var late: Int
    /// Pictures a second that the site got to whom fewest came.
    package var picturesOut: Double
    /// Steps of the governor.
    package var gaveWay: Int

    package init(
        sites: Int, cores: Double, memory: Int = 0, delayMedian: Double?, delay95: Double?, late: Int,
        picturesOut: Double, gaveWay: Int
    ) {
        self.sites = sites
        self.cores = cores
        self.memory = memory
        self.delayMedian = delayMedian
        self.delay95 = delay95
        self.late = late
        self.picturesOut = picturesOut
        self.gaveWay = gaveWay
    }

    /// Of 30: what a counter that is read a little early or late may be short of.
    private static let leastPictures = 29.0
    /// How much longer than with few sites it may take, in ms: two pictures.
    private static let moreDelay = 67.0

    /// Why so many sites are too many; `nil`: they are not.
    ///
    /// - Parameter calm: the delay of the fewest sites, in ms.
    package func fault(calm: Double?) -> String? {
        if gaveWay > 0 { return "the governor gave way" }
        if late > 0 { return "\(late) ticks or pictures late" }
        if picturesOut < Self.leastPictures { return "\(DecimalText.of(picturesOut, digits: 1)) pictures a second" }
        guard let delay95 else { return "no picture came" }
        if let calm, delay95 > calm + Self.moreDelay {
            return "delay \(DecimalText.of(delay95, digits: 0)) ms, \(DecimalText.of(calm, digits: 0)) with few sites"
        }
        return nil
    }
}
