import Media

/// Which ticks of a program a rendition with a lower frame rate takes: evenly, and every one when the rates are equal.
package struct FrameDivider {
    private let interval: Int64
    private var next: Int64?

    /// - Parameter frameRate: pictures per second of the rendition.
    package init(frameRate: Int) { interval = Int64(VideoCodec.clockRate / frameRate) }

    /// - Parameter timestamp: of the tick, in 90 kHz ticks.
    package mutating func takes(_ timestamp: Int64) -> Bool {
        guard let due = next else {
            next = timestamp + interval
            return true
        }
        // Half a millisecond early still counts: ticks are moved by that little to follow a source.
        guard timestamp + 45 >= due else { return false }
        // Behind by more than a picture: start anew instead of catching up with a burst.
        next = timestamp - due > interval ? timestamp + interval : due + interval
        return true
    }
}
