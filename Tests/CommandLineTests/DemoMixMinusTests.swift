import Console
import Foundation
import Testing

@Suite("The mix-minus report")
struct DemoMixMinusTests {
    private static let sites = [
        DemoSite(id: "a", name: "Tỉnh ủy A", tone: 300), DemoSite(id: "b", name: "Huyện ủy B", tone: 460),
        DemoSite(id: "c", name: "Huyện ủy C", tone: 670), DemoSite(id: "d", name: "Huyện ủy D", tone: 850),
    ]

    /// What a site hears of a speaker: the amplitude at second `t`.
    private typealias Gain = @Sendable (_ speaker: Int, _ t: Double) -> Double

    /// What a site hears as real sound, from second `from` of the meeting on: the sites speak in turn, in syllables, and
    /// each begins a little off its time.
    private static func listen(
        as listener: Int, from start: Double = 0, to end: Double, gain: Gain? = nil
    ) -> HearingLog {
        let rate = 8000
        var meter = ToneMeter(tones: sites.map(\.tone), sampleRate: rate)
        var log = HearingLog(listener: listener, count: sites.count)
        let round = Province.turn * Double(sites.count)
        let samples = (Int(start * Double(rate))..<Int(end * Double(rate))).map { index -> Float in
            let time = Double(index) / Double(rate)
            // Codecs leave a little noise.
            var value = 1e-5 * sin(Double(index * index % 7919))
            for (speaker, site) in sites.enumerated() {
                let here = (time - 0.2 * Double(speaker % 2)).truncatingRemainder(dividingBy: round)
                let turn = Province.turn * Double(speaker)
                guard here >= turn, here < turn + Province.turn else { continue }
                let syllable = pow(sin(4 * .pi * here), 2)
                let amplitude = gain.map { $0(speaker, time) } ?? (speaker == listener ? 0 : 0.3)
                value += amplitude * syllable * sin(2 * .pi * site.tone * time)
            }
            return Float(value)
        }
        for window in meter.push(samples) { log.note(window) }
        return log
    }

    private static func report(to end: Double, _ change: (Int) -> HearingLog? = { _ in nil }) -> MixMinusReport {
        MixMinusReport(sites: sites, logs: sites.indices.map { change($0) ?? listen(as: $0, to: end) })
    }

    private static func marks(_ report: MixMinusReport) -> [String] {
        report.cells.map { $0.map(\.mark.rawValue).joined() }
    }

    @Test("is right when everybody hears everybody but himself")
    func right() {
        let report = Self.report(to: 16)
        #expect(Self.marks(report) == ["–✓✓✓", "✓–✓✓", "✓✓–✓", "✓✓✓–"])
        #expect(report.isRight && report.missing.isEmpty)
        #expect(report.verdict.hasPrefix("The mix is right: each of the 4 sites was heard at the 3 others"))
        #expect(report.lines.contains { $0.hasPrefix("faintest voice: ") })
        #expect(report.lines.contains { $0.hasPrefix("most of its own voice: ") })
    }

    @Test("is wrong when a site hears itself, even faintly", arguments: [0.3, 0.003])
    func leak(amplitude: Double) {
        let report = Self.report(to: 16) { listener in
            listener == 2 ? Self.listen(as: 2, to: 16) { speaker, _ in speaker == 2 ? amplitude : 0.3 } : nil
        }
        #expect(Self.marks(report) == ["–✓✓✓", "✓–✓✓", "✓✓✗✓", "✓✓✓–"])
        #expect(!report.isRight && report.verdict.contains("WRONG"))
        #expect(report.lines.contains { $0.hasPrefix("✗ Huyện ủy C: it hears itself at -") })
    }

    @Test("is wrong when a site is deaf to another, or hears it in one round only")
    func missed() {
        let never = Self.report(to: 16) { listener in
            listener == 0 ? Self.listen(as: 0, to: 16) { speaker, _ in [0, 3].contains(speaker) ? 0 : 0.3 } : nil
        }
        #expect(Self.marks(never) == ["–✓✓✓", "✓–✓✓", "✓✓–✓", "✗✓✓–"])
        let once = Self.report(to: 26) { listener in
            listener == 0
                ? Self.listen(as: 0, to: 26) { speaker, t in speaker == 0 || speaker == 2 && t > 12 ? 0 : 0.3 } : nil
        }
        #expect(Self.marks(once) == ["–✓✓✓", "✓–✓✓", "✗✓–✓", "✓✓✓–"])
        #expect(once.lines.contains("✗ Huyện ủy C at Tỉnh ủy A: it is not heard in 1 of 2 turns"))
    }

    @Test("is wrong when a site hears nobody at all, or a voice far too soft")
    func deaf() {
        let deaf = Self.report(to: 16) { $0 == 1 ? Self.listen(as: 1, to: 16) { _, _ in 0 } : nil }
        #expect(Self.marks(deaf) == ["–✗✓✓", "✓·✓✓", "✓✗–✓", "✓✗✓–"])
        let soft = Self.report(to: 20) { listener in
            listener == 1 ? Self.listen(as: 1, to: 20) { speaker, _ in [0, 0, 0.3, 0.001][speaker] } : nil
        }
        #expect(soft.cells[3][1].mark == .wrong && soft.cells[0][1].mark == .wrong)
        #expect(soft.cells[3][1].fault?.hasSuffix("dB only") == true)
    }

    @Test("is wrong when the sound breaks off")
    func brokenOff() {
        let report = Self.report(to: 26) {
            $0 == 1 ? Self.listen(as: 1, to: 26) { s, t in t > 13 || s == 1 ? 0 : 0.3 } : nil
        }
        #expect(Self.marks(report).map { Array($0)[1] } == ["✓", "–", "✗", "✗"])
    }

    @Test("says whose turns are missing when the demo was short")
    func short() {
        let report = Self.report(to: 8)
        #expect(report.isRight)
        #expect(report.missing.map(\.id).contains("d"))
        #expect(
            report.verdict.contains("not all was measured of: ") && report.verdict.contains("A full round takes 15 s"))
        #expect(Self.report(to: 0.2).verdict.hasPrefix("Nobody had a turn yet"))
    }

    @Test("doesn't mind when each site begins to listen")
    func late() {
        let report = Self.report(to: 30) { Self.listen(as: $0, from: 1.7 * Double($0 + 1), to: 30) }
        #expect(report.isRight && report.missing.isEmpty)
    }

    @Test("gives every figure in its table")
    func table() {
        let lines = Self.report(to: 16).table.split(separator: "\n")
        #expect(lines.count == 17)
        #expect(lines[2].hasPrefix("a\tb\t") && lines[2].contains("heard"))
    }
}
