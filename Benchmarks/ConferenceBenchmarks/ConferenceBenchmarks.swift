import Benchmark
import Conference
import Media

/// What it costs to decide who is seen where: the audio tick's levels, a look at the views, what is said to each site's bridge,
/// and a view resolved anew.
@main
struct ConferenceBenchmarks: BenchmarkRunnerHooks {
    static func registerBenchmarks() {
        Benchmark("levels and views of 13 sites (ns per tick)", configuration: perThousand) { benchmark, meeting in
            for _ in benchmark.scaledIterations { meeting.tick() }
        } setup: {
            Meeting(sites: 13)
        }

        Benchmark("levels and views of 100 sites (ns per tick)", configuration: perThousand) { benchmark, meeting in
            for _ in benchmark.scaledIterations { meeting.tick() }
        } setup: {
            Meeting(sites: 100)
        }

        Benchmark("levels and news of 1000 sites (ns per tick)", configuration: perThousand) { benchmark, meeting in
            for _ in benchmark.scaledIterations {
                meeting.tick()
                meeting.announce()
            }
        } setup: {
            Meeting(sites: 1000)
        }

        Benchmark("a new speaker among 13 sites (ns per view)", configuration: perThousand) { benchmark, seating in
            for _ in benchmark.scaledIterations { seating.turn() }
        } setup: {
            Seating(sites: 13)
        }

        Benchmark("a new speaker among 100 sites (ns per view)", configuration: perThousand) { benchmark, seating in
            for _ in benchmark.scaledIterations { seating.turn() }
        } setup: {
            Seating(sites: 100)
        }
    }

    private static var perThousand: Benchmark.Configuration {
        .init(
            metrics: [.wallClock], warmupIterations: 5, scalingFactor: .kilo, maxDuration: .seconds(1))
    }
}

/// A meeting in which one site speaks and the others are quiet rooms.
final class Meeting {
    private var conference: Conference
    private var levels: [Float]
    private var number = 0

    init(sites count: Int) {
        let sites = (0..<count).map { index in
            SitePlan(
                id: siteID(index), name: "Site \(index)", audio: AudioPlan(port: 5_000 + 4 * index, accepts: [:]),
                video: VideoPlan(
                    port: 5_002 + 4 * index, accepts: [:], size: Size(width: 1280, height: 720), frameRate: 30,
                    bitrate: Bitrate(bitsPerSecond: 1_500_000)))
        }
        let room = ProgramPlan(
            id: .room, layout: .automatic, viewers: sites.map(\.id), size: Size(width: 1280, height: 720),
            frameRate: 30)
        conference = Conference(
            ConferencePlan(sites: sites, programs: [room]), id: BridgeID(rawValue: 1))
        levels = Array(repeating: -70, count: count)
    }

    private var now: Instant { .zero + .milliseconds(20) * number }

    /// An audio tick, and the look that a video tick takes.
    func tick() {
        let now = now
        levels[0] = number % 50 < 40 ? -25 : -60
        number += 1
        conference.handle(levels: levels.span, at: now)
        blackHole(conference.views(of: .room, at: now))
    }

    /// What is due now for the bridges that may be behind the sites: to all of them twice a second, and looked for whenever
    /// somebody begins to speak or stops.
    func announce() {
        while let announcement = conference.nextAnnouncement(at: now) { blackHole(announcement) }
    }
}

/// A view in which somebody else speaks each time.
final class Seating {
    private var resolver: ViewResolver
    private var view: View
    private let sites: [SiteID]
    private var number = 0

    init(sites count: Int) {
        sites = (0..<count).map(siteID)
        resolver = ViewResolver(roster: Roster(sites.map { Roster.Entry($0) }), speakers: sites.reversed())
        view = resolver.resolve(.automatic)
    }

    func turn() {
        let speaker = sites[number * 7 % sites.count]
        number += 1
        resolver.speakers.removeAll { $0 == speaker }
        resolver.speakers.insert(speaker, at: 0)
        view = resolver.resolve(.automatic, after: view)
    }
}

private func siteID(_ index: Int) -> SiteID {
    guard let id = SiteID("s\(index)") else { preconditionFailure("s\(index) is a well-formed id") }
    return id
}
