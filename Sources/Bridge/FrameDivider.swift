import Media

/// Which ticks of a program a rendition with a lower frame rate takes: evenly, and every one when the rates are equal.
package struct FrameDivider {
    private let interval: Int64
    /// How early a tick still counts. Ticks are moved by up to 0.3 ms each to follow a source: at 60 Hz that is 2 % of the
    /// time. Never more than half a tick of 60 Hz.
    private let tolerance: Int64
    private var next: Int64?

    /// - Parameter frameRate: pictures per second of the rendition.
    package init(frameRate: Int) {
        interval = Int64(VideoCodec.clockRate / frameRate)
        tolerance = min(interval / 50, 750)
    }

    /// - Parameter timestamp: of the tick, in 90 kHz ticks.
    package mutating func takes(_ timestamp: Int64) -> Bool {
        guard let due = next else {
            next = timestamp + interval
            return true
        }
        let early = due - timestamp
        guard early <= tolerance else { return false }
        // Ticks that move ever earlier take the schedule with them: else it would fall behind by a whole tick, and leave it
        // out. Behind by more than a picture: start anew instead of catching up with a burst.
        next = -early > interval ? timestamp + interval : due - max(0, early) + interval
        return true
    }
}
