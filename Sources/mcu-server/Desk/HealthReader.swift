import Bridge
import Conference
import Console
import Foundation
import Media

/// Makes of two reports, a second apart, what alarms and line checks want to know of each site.
struct HealthReader {
    private var before: [String: SiteStatus] = [:]
    private var ticksBefore: (count: Int, late: Int) = (0, 0)
    private var overflowsBefore = 0
    private var usageBefore: (cpuSeconds: Double, at: Instant)?
    /// Of each site's newest picture, and the pictures that differed so far.
    private var fingerprints: [SiteID: UInt64] = [:]
    private var changed: [SiteID: Int] = [:]

    struct Reading {
        var sample: SiteHealthSample
        var line: LineReading
    }

    /// - Parameter fingerprint: of a site's newest picture; `nil`: it has none.
    mutating func read(_ report: StatusReport, fingerprint: (SiteID) -> UInt64?) -> [(site: SiteID, reading: Reading)] {
        defer { before = Dictionary(report.sites.map { ($0.id, $0) }) { first, _ in first } }
        return report.sites.compactMap { site in
            // Who plays nothing, stands at a film's end, or takes no part has no line. Slides come and go as people like.
            guard let id = SiteID(site.id), !["idle", "ended"].contains(site.player?.state), site.slidesOf == nil,
                site.enabled
            else { return nil }
            return (id, read(site, id, before[site.id], fingerprint(id)))
        }
    }

    private mutating func read(_ site: SiteStatus, _ id: SiteID, _ last: SiteStatus?, _ print: UInt64?) -> Reading {
        let decoded = (site.videoIn?.framesDecoded ?? 0) - (last?.videoIn?.framesDecoded ?? 0)
        if let print, print != fingerprints[id] {
            changed[id, default: 0] += max(0, decoded)
            fingerprints[id] = print
        }
        let losses = [
            Self.loss(
                site.videoIn.map { ($0.packets, $0.lost) }, last?.videoIn.map { ($0.packets, $0.lost) }),
            Self.loss(
                site.audioIn.map { ($0.packets, $0.lost) }, last?.audioIn.map { ($0.packets, $0.lost) }),
        ].compactMap(\.self)
        let lines = site.lines?.lines ?? []
        let sound = site.audioIn.map { $0.packets > (last?.audioIn?.packets ?? $0.packets) }
        let isSilent = site.state == "slate" && sound != true
        let sample = SiteHealthSample(
            site: id, name: site.name, lines: max(1, lines.count),
            deadLines: lines.isEmpty ? (isSilent && last != nil ? 1 : 0) : lines.count { !$0.alive },
            isLoop: site.link?.state == "loop", lossShare: losses.max(),
            jitterMs: [site.videoIn?.jitterMs, site.audioIn?.jitterMs].compactMap(\.self).max(),
            picture: site.videoIn.map { _ in
                site.state == "live" ? .moving : site.state == "slate" ? .absent : .frozen
            }, hasSound: last == nil ? nil : sound, lipSyncMs: site.lipSyncMs)
        let line = LineReading(
            picture: site.videoIn.map { .init(packets: $0.packets, lost: $0.lost, jitterMs: $0.jitterMs) },
            decoded: site.videoIn?.framesDecoded ?? 0, changed: changed[id] ?? 0, width: site.videoIn?.width ?? 0,
            height: site.videoIn?.height ?? 0,
            sound: site.audioIn.map { .init(packets: $0.packets, lost: $0.lost, jitterMs: $0.jitterMs) },
            roundTripMs: site.rttMs, lipSyncMs: site.lipSyncMs)
        return Reading(sample: sample, line: line)
    }

    /// Of the packets that should have come since, 0 to 1; `nil`: none should.
    private static func loss(_ now: (packets: Int, lost: Int)?, _ last: (packets: Int, lost: Int)?) -> Double? {
        guard let now, let last else { return nil }
        let (came, lost) = (now.packets - last.packets, max(0, now.lost - last.lost))
        guard came > 0, came + lost > 0 else { return nil }
        return Double(lost) / Double(came + lost)
    }

    private static func words(of concession: String) -> Words? {
        switch concession {
        case "loop-filter": Words("chất lượng giải mã", "quality of decoding")
        case "preset": Words("chất lượng hình", "quality of pictures")
        case "frame-rate": Words("số hình mỗi giây", "pictures a second")
        case "size": Words("cỡ hình", "size of pictures")
        default: nil
        }
    }

    /// Of all cores, 0 to 1, since the last call.
    private mutating func load(_ process: ProcessUsage?, at now: Instant) -> Double? {
        defer { usageBefore = process.map { ($0.cpuSeconds, now) } }
        guard let process, let last = usageBefore, now > last.at else { return nil }
        let cores = Double(Foundation.ProcessInfo.processInfo.activeProcessorCount)
        return (process.cpuSeconds - last.cpuSeconds) / (now - last.at).seconds / cores
    }

    /// How the bridge itself was since the last call.
    mutating func readBridge(
        _ report: StatusReport, process: ProcessUsage?, freeDiskBytes: Int?, at now: Instant
    ) -> BridgeHealthSample {
        let load = load(process, at: now)
        let count = report.audio.ticks + report.programs.reduce(0) { $0 + $1.frames }
        let late = report.audio.lateTicks + report.programs.reduce(0) { $0 + $1.lateTicks }
        let overflows = report.sites.reduce(0) { $0 + ($1.dropped["kernel"] ?? 0) }
        defer {
            ticksBefore = (count, late)
            overflowsBefore = overflows
        }
        let ticks = count - ticksBefore.count
        guard ticksBefore.count > 0, ticks > 0 else { return BridgeHealthSample() }
        return BridgeHealthSample(
            lateTickShare: Double(max(0, late - ticksBefore.late)) / Double(ticks), load: load,
            concession: Self.words(of: report.governor.givesWay), overflows: max(0, overflows - overflowsBefore),
            freeDiskBytes: freeDiskBytes)
    }
}
