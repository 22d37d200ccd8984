import Glibc
import Media

extension VirtualNetwork {
    /// What a line does to the datagrams it carries, one way.
    package struct Line {
        /// How `jitter` falls on the datagrams.
        package enum Spread: String, Sendable {
            /// Each datagram draws its own wait, evenly between nothing and `jitter`.
            case uniform
            /// A busy link: other traffic comes in bursts, and ours waits behind it until that has drained, then comes
            /// all at once. The longest wait is `jitter`; about a third of the time there is one.
            case bursty
        }

        package var latency: Interval
        /// Up to this much is added to each datagram's latency, as `spread` says.
        package var jitter: Interval
        package var spread: Spread
        /// Datagrams never overtake each other, however the jitter falls.
        package var keepsOrder: Bool
        /// The share of datagrams lost one by one.
        package var loss: Double
        /// The chance at each datagram to fall into a burst of loss, and out of it (Gilbert's model).
        package var burst: (begin: Double, end: Double)
        package var duplication: Double
        /// The share of datagrams held back by `reorderDelay`.
        package var reordering: Double
        package var reorderDelay: Interval
        /// The bottleneck's rate, IP and UDP headers included; `nil`: as fast as they come.
        package var rate: Bitrate?
        /// The longest wait in front of the bottleneck: a datagram that would wait longer is dropped (drop tail).
        package var queueLimit: Interval
        /// The most datagrams under way at once; more are dropped. It bounds the memory of a line that stands still.
        package var capacity: Int

        package init(
            latency: Interval = .milliseconds(20), jitter: Interval = .zero, spread: Spread = .uniform,
            keepsOrder: Bool = true, loss: Double = 0, burst: (begin: Double, end: Double) = (begin: 0, end: 1),
            duplication: Double = 0, reordering: Double = 0, reorderDelay: Interval = .milliseconds(10),
            rate: Bitrate? = nil, queueLimit: Interval = .milliseconds(200), capacity: Int = 10_000
        ) {
            self.latency = latency
            self.jitter = jitter
            self.spread = spread
            self.keepsOrder = keepsOrder
            self.loss = loss
            self.burst = burst
            self.duplication = duplication
            self.reordering = reordering
            self.reorderDelay = reorderDelay
            self.rate = rate
            self.queueLimit = queueLimit
            self.capacity = capacity
        }

        /// The chances of Gilbert's model that lose a share `loss` of all datagrams, in bursts of `meanBurst` datagrams
        /// on average.
        ///
        /// Bursts of 1 still differ from random loss: two never touch. More than `meanBurst / (1 + meanBurst)` can't be
        /// lost in bursts that short; they are longer then.
        package static func gilbert(loss: Double, meanBurst: Double) -> (begin: Double, end: Double) {
            guard loss > 0 else { return (0, 1) }
            guard loss < 1 else { return (1, 0) }
            let odds = loss / (1 - loss)
            let end = 1 / max(1, meanBurst, odds)
            return (begin: end * odds, end: end)
        }
    }
}

/// The backlog of other people's bursts on a busy link: what `Line.Spread.bursty` waits for.
struct CrossTraffic {
    /// Until when the link is busy with what is not ours.
    private var busyUntil = Instant.zero
    private var nextBurst: Instant?

    /// How long a datagram that comes at `now` waits. Bursts come as a Poisson process, `longest` apart on average, each
    /// up to `longest` long; what would pile up higher is lost to the others.
    mutating func wait(at now: Instant, longest: Interval, random: inout SeededGenerator) -> Interval {
        guard longest > .zero else { return .zero }
        var burst = nextBurst ?? now + Self.gap(longest, &random)
        // What came and went while nobody looked needs no drawing.
        if now - burst > longest * 16 { burst = now - longest * 8 }
        while burst <= now {
            let length = Interval(nanoseconds: Int64.random(in: 0...longest.nanoseconds, using: &random))
            busyUntil = min(max(busyUntil, burst) + length, burst + longest)
            burst += Self.gap(longest, &random)
        }
        nextBurst = burst
        return max(.zero, busyUntil - now)
    }

    private static func gap(_ mean: Interval, _ random: inout SeededGenerator) -> Interval {
        // At least a microsecond, so that no run of draws makes the loop above long.
        let share = -log(1 - Double.random(in: 0..<1, using: &random))
        return max(.microseconds(1), Interval(nanoseconds: Int64(Double(mean.nanoseconds) * share)))
    }
}
