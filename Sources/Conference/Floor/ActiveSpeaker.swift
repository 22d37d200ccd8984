import Glibc
import Media

/// Who speaks, from the level of each site's sound, tick by tick.
///
/// A site becomes the active speaker after it was heard for most of 600 ms, so a cough moves nothing. While the active
/// speaker is heard it stays for 2 s at least, and only a site that is 3 dB louder for 400 ms follows it; after 0.5 s
/// of its silence any site that speaks does. A steady tone counts as speech: what a site is heard above adapts to
/// the noise of its room, but only up to the level of a noisy one.
package struct ActiveSpeaker: Sendable {
    /// The beat the times below are counted in.
    package static let tick = Interval.milliseconds(20)
    /// The level that stands for silence, in dBov (RFC 6464 section 3).
    package static let silence: Float = -127

    /// The latest speaker is the active one; each site is in once.
    package private(set) var speakers: [SiteID] = []

    /// Counts up when any site begins or ends to be heard.
    package private(set) var speakingChanges = 0

    private var voices: [Voice] = []
    private var lastTick: Instant?
    private var lastSwitch: Instant?

    package init() {}

    package var activeSpeaker: SiteID? { speakers.first }
    package var previousSpeaker: SiteID? { speakers.count > 1 ? speakers[1] : nil }

    /// Whether the site at `index` of the order of `setSites` is heard now: what the border of its cell shows. On
    /// after 100 ms of sound, off after 600 ms of silence.
    package func isSpeaking(_ index: Int) -> Bool { voices[index].isSpeaking }

    /// Whether the active speaker is heard now.
    package var isActiveSpeakerSpeaking: Bool {
        guard let active = speakers.first else { return false }
        return voices.contains { $0.isSpeaking && $0.site == active }
    }

    /// The sites whose levels will come, in that order. Those known before keep their state.
    package mutating func setSites(_ sites: [SiteID]) {
        let known = Dictionary(uniqueKeysWithValues: voices.map { ($0.site, $0) })
        voices = sites.map { known[$0] ?? Voice(site: $0) }
        speakers.removeAll { !sites.contains($0) }
        speakers.reserveCapacity(sites.count)
    }

    /// A muted site is never heard, and so never becomes the active speaker. One that is it stays until another speaks.
    package mutating func setMuted(_ isMuted: Bool, at index: Int) {
        voices[index].isMuted = isMuted
        if isMuted { voices[index].forget() }
    }

    /// Takes a site off the speakers, as if it had never spoken.
    package mutating func strike(at index: Int) { speakers.removeAll { $0 == voices[index].site } }

    /// Takes the levels of one tick.
    /// - Parameters:
    ///   - levels: mean level in dBov of each site's last 20 ms, `silence` where there was no sound; one a site, in the order of
    ///     `setSites`. Missing ones count as silence.
    ///   - now: when the tick was due. Ticks that were left out count as silence.
    /// - Returns: whether the active speaker changed.
    @discardableResult
    package mutating func handle(_ levels: Span<Float>, at now: Instant) -> Bool {
        let ticks = ticksSince(lastTick, now)
        lastTick = now
        for index in voices.indices {
            let wasSpeaking = voices[index].isSpeaking
            voices[index].hear(index < levels.count ? levels[index] : Self.silence, ticks: ticks, at: now)
            if voices[index].isSpeaking != wasSpeaking { speakingChanges += 1 }
        }
        guard let next = nextSpeaker(ticks: ticks, at: now) else { return false }
        let site = voices[next].site
        if let index = speakers.firstIndex(of: site) { speakers.remove(at: index) }
        speakers.insert(site, at: 0)
        lastSwitch = now
        for index in voices.indices { voices[index].ticksAhead = 0 }
        return true
    }

    private func ticksSince(_ last: Instant?, _ now: Instant) -> Int {
        guard let last, now > last else { return 1 }
        let elapsed = (now.nanoseconds &- last.nanoseconds) &+ Self.tick.nanoseconds / 2
        return max(1, min(Voice.window, Int(elapsed / Self.tick.nanoseconds)))
    }

    /// The index of the site that is to follow the active speaker now.
    private mutating func nextSpeaker(ticks: Int, at now: Instant) -> Int? {
        let current = activeSpeaker.flatMap { active in voices.firstIndex { $0.site == active } }
        guard let current else { return loudest { $0.hasOnset } }
        let power = voices[current].power
        for index in voices.indices where index != current { voices[index].compare(with: power, ticks: ticks) }
        if voices[current].isSilent(at: now) {
            return loudest { $0.hasOnset && $0.site != voices[current].site }
        }
        guard let lastSwitch, now - lastSwitch >= .seconds(2) else { return nil }
        return loudest { $0.ticksAhead >= Voice.sustainedTicks && $0.site != voices[current].site }
    }

    /// Of equals the first in order.
    private func loudest(where condition: (Voice) -> Bool) -> Int? {
        var best: Int?
        for index in voices.indices where condition(voices[index]) {
            if let known = best, voices[known].power >= voices[index].power { continue }
            best = index
        }
        return best
    }
}

/// What is known of one site's sound.
private struct Voice {
    /// 600 ms.
    static let window = 30
    /// 320 ms of the window.
    static let onsetTicks = 16
    /// 100 ms.
    static let attackTicks = 5
    /// 400 ms.
    static let sustainedTicks = 20
    /// A site is heard this far above its background, in dB …
    static let margin: Float = 12
    /// … but never below the first nor above the second of these levels, in dBov. The upper one is what lets a steady tone through.
    static let leastThreshold: Float = -55
    static let mostThreshold: Float = -40

    let site: SiteID
    var isMuted = false
    private(set) var isSpeaking = false
    /// The mean power of about 400 ms, 1 at full scale.
    private(set) var power: Float = 0
    /// How long the site has been louder than the active speaker, in ticks; it runs down twice as fast.
    var ticksAhead = 0

    /// A bit per tick, the newest lowest: whether the site was heard.
    private var heard: UInt32 = 0
    private var lastHeard: Instant?
    /// The level of the room without speech, in dBov.
    private var background: Float = -60

    init(site: SiteID) { self.site = site }

    var hasOnset: Bool { heard.nonzeroBitCount >= Self.onsetTicks }

    func isSilent(at now: Instant) -> Bool {
        guard let lastHeard else { return true }
        return now - lastHeard > .milliseconds(500)
    }

    mutating func hear(_ level: Float, ticks: Int, at now: Instant) {
        // In this order `max` turns a NaN into silence.
        let level = isMuted ? ActiveSpeaker.silence : min(0, max(ActiveSpeaker.silence, level))
        let threshold = min(Self.mostThreshold, max(Self.leastThreshold, background + Self.margin))
        let isHeard = level > threshold
        heard = ((heard << UInt32(ticks)) | (isHeard ? 1 : 0)) & (1 << UInt32(Self.window) - 1)
        if isHeard { lastHeard = now }
        // Down within 0.1 s, so that a pause shows the room; up by 2 dB/s, so that a sentence doesn't raise it much.
        background = level < background ? background + (level - background) * 0.2 : background + 0.04
        background = max(-80, min(-52, background))
        power += (powf(10, level / 10) - power) * 0.05
        if heard & (1 << UInt32(Self.attackTicks) - 1) == 1 << UInt32(Self.attackTicks) - 1 {
            isSpeaking = true
        } else if heard == 0 {
            isSpeaking = false
        }
    }

    /// Counts how long the site has been at least 3 dB above the active speaker's power.
    mutating func compare(with active: Float, ticks: Int) {
        if hasOnset && power > 2 * active {
            ticksAhead = min(Self.sustainedTicks, ticksAhead + ticks)
        } else {
            ticksAhead = max(0, ticksAhead - 2 * ticks)
        }
    }

    /// As if the site had not been heard for long.
    mutating func forget() {
        heard = 0
        lastHeard = nil
        power = 0
        ticksAhead = 0
        isSpeaking = false
    }
}
