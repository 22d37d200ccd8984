import Media

/// Decides how new a picture a tick shows of one source, so that a source whose pictures arrive at about the time of the
/// tick does not judder: now a little before it, now a little after, each time a picture repeated and the next one skipped.
///
/// It follows the phase of the arrivals against the tick. Where that comes close to the tick, only pictures are shown that
/// are at least half a period old: the line between this tick's picture and the next one's then lies far from any
/// arrival. That costs a source whose pictures come just before the tick one period of delay, and any other nothing.
package struct PictureSampler {
    private let period: Double
    /// Mean age of a picture at the first tick that finds it, in nanoseconds, from -period/2 (it comes just after the tick
    /// before) to period/2; `nil` before the first.
    private var phase: Double?
    /// Mean distance of the ages from their mean, in nanoseconds.
    private var deviation = 1e6
    private var holdsBack = false

    /// The weight of one picture in the means.
    private static let weight = 1.0 / 16

    /// - Parameter period: of the tick.
    package init(period: Interval) { self.period = Double(period.nanoseconds) }

    /// How old a picture must at least be at the tick, to be shown.
    package var holdBack: Interval { Interval(nanoseconds: holdsBack ? Int64(period / 2) : 0) }

    /// How near to the tick arrivals may come on average.
    private var guardBand: Double { min(1e6 + 2 * deviation, period / 5) }

    /// How far the tick would have to be moved for the arrivals to lie well before it, at the cost of the least delay. Nowhere
    /// for arrivals that scatter over the period, as those of a bad line do: there is no better place, and a tick that
    /// wandered in search of one would judder all other sources.
    package var tickOffset: Interval {
        guard let phase, deviation < period / 6 else { return .zero }
        return Interval(nanoseconds: Int64(wrap(2 * guardBand - phase)))
    }

    /// A tick found a new picture, which had been there for `age`.
    package mutating func found(age: Interval) {
        let age = wrap(Double(age.nanoseconds))
        guard let mean = phase else {
            phase = age
            return
        }
        let difference = wrap(age - mean)
        let next = wrap(mean + difference * Self.weight)
        phase = next
        deviation += (abs(difference) - deviation) * Self.weight
        holdsBack = abs(next) < (holdsBack ? 1.5 : 1) * guardBand
    }

    private func wrap(_ value: Double) -> Double { value - period * (value / period).rounded() }
}
