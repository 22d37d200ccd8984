import Media

/// A check of all lines before a meeting. It dials nobody: it measures what comes. All sites' statistics are measured side by
/// side from its start to its end; their sound is listened to one site at a time.
///
/// The caller hands in each site's statistics about once a second, does what `next` says until it is `nil`, and comes back
/// at `deadline`.
package struct LineCheck: Sendable {
    /// One of the sites to be checked.
    package struct Place: Hashable, Sendable {
        package var id: SiteID
        package var name: String
        /// Whether it is to send sound, and so is listened to.
        package var hasSound: Bool

        package init(id: SiteID, name: String, hasSound: Bool = true) {
            self.id = id
            self.name = name
            self.hasSound = hasSound
        }

        /// A backup is not heard while its link stands.
        package init(_ plan: SitePlan) {
            self.init(id: plan.id, name: plan.name, hasSound: plan.sendsSound && plan.backupOf == nil)
        }
    }

    package enum Input: Hashable, Sendable {
        case reading(SiteID, LineReading)
        /// What was heard from the site that was listened to.
        case sound(SiteID, SoundFinding, EchoFinding)
        /// The operator has seen enough.
        case stop
    }

    package enum Action: Hashable, Sendable {
        /// Hand this site's sound to a `SoundCheck`, and it with what is sent to the site to an `EchoDetector`.
        case listen(SiteID)
        /// Stop that, and hand in what was found.
        case collect(SiteID)
        /// It is over; nothing comes after this.
        case finish(LineCheckReport)
    }

    private enum Step: Hashable, Sendable {
        case before(Int)
        case listening(Int, until: Instant)
        /// Nobody is left to listen to; what was heard is awaited.
        case ending(until: Instant)
        case over
    }

    /// How long each site is listened to: an echo 25 dB down is found in that.
    package static let standardListening = Interval.seconds(5)
    /// How long is waited for the last that was heard.
    private static let grace = Interval.seconds(1)

    private let places: [Place]
    private let listening: Interval
    private let startedAt: Instant
    private var records: [SiteID: LineRecord]
    private var awaited: Set<SiteID> = []
    private var step = Step.before(0)
    private var isStopped = false

    package init(_ places: [Place], listening: Interval = Self.standardListening, at now: Instant) {
        self.places = places
        self.listening = listening
        startedAt = now
        records = Dictionary(places.map { ($0.id, LineRecord()) }) { first, _ in first }
    }

    /// The site that is being listened to.
    package var listeningTo: SiteID? {
        if case .listening(let index, _) = step { places[index].id } else { nil }
    }

    package var isOver: Bool { step == .over }

    /// How much of it is done, 0 to 1.
    package func progress(at now: Instant) -> Double {
        let whole = (listening * max(1, places.lazy.filter(\.hasSound).count)).seconds
        return isOver ? 1 : min(0.99, max(0, (now - startedAt).seconds / max(0.001, whole)))
    }

    /// When `next` is to be called again.
    package var deadline: Instant {
        switch step {
        case .before: startedAt
        case .listening(_, let until): until
        case .ending(let until): until
        case .over: .distantFuture
        }
    }

    package mutating func handle(_ input: Input, at now: Instant) {
        guard !isOver else { return }
        switch input {
        case .reading(let site, let reading): records[site]?.take(reading, at: now)
        case .sound(let site, let heard, let echo):
            records[site]?.heard = heard
            records[site]?.echo = echo
            awaited.remove(site)
            if case .ending = step, awaited.isEmpty { step = .ending(until: earliestEnd(at: now)) }
        case .stop:
            isStopped = true
            if let site = listeningTo { awaited.insert(site) }
        }
    }

    /// What is to be done now; `nil`: nothing before the deadline.
    package mutating func next(at now: Instant) -> Action? {
        switch step {
        case .before(let index): return startListening(from: index, at: now)
        case .listening(let index, let until):
            guard now >= until || isStopped else { return nil }
            step = isStopped ? .ending(until: now + Self.grace) : .before(index + 1)
            awaited.insert(places[index].id)
            return .collect(places[index].id)
        case .ending(let until):
            guard now >= until || (isStopped && awaited.isEmpty) else { return nil }
            step = .over
            return .finish(report(at: now))
        case .over: return nil
        }
    }

    private mutating func startListening(from index: Int, at now: Instant) -> Action? {
        if !isStopped, let next = places.indices.dropFirst(index).first(where: { places[$0].hasSound }) {
            step = .listening(next, until: now + listening)
            return .listen(places[next].id)
        }
        step = .ending(until: awaited.isEmpty ? earliestEnd(at: now) : now + Self.grace)
        return self.next(at: now)
    }

    // A check of sites without sound takes its time too.
    private func earliestEnd(at now: Instant) -> Instant { isStopped ? now : max(now, startedAt + listening) }

    /// What is known so far.
    package func report(at now: Instant) -> LineCheckReport {
        LineCheckReport(
            seconds: (now - startedAt).seconds, isComplete: isOver && !isStopped,
            places: places.map { place in
                LineCheckReport.Place(
                    id: place.id.rawValue, name: place.name,
                    measurement: records[place.id]?.measurement ?? LineMeasurement())
            })
    }
}
