import Console
import Foundation

/// The endpoints of the demo, two processes a site: one listens and keeps what it hears, one sends.
struct DemoEndpoints {
    /// The site whose picture and sound are filmed.
    static let filmed = "gia-binh"

    private let stage: DemoStage
    private var listeners: [ChildProcess] = []
    private var senders: [ChildProcess] = []
    private var taps: [SoundTap] = []

    init(_ stage: DemoStage) { self.stage = stage }

    /// The site that is filmed: gia-binh, or the last one of a province without it.
    static func filmedLine(of plan: DemoPlan) -> DemoPlan.Line {
        plan.lines.first { $0.site.id == filmed } ?? plan.lines[plan.lines.count - 1]
    }

    mutating func startListening() throws {
        let folder = stage.folder
        let filmed = Self.filmedLine(of: stage.plan)
        for (index, line) in stage.plan.lines.enumerated() {
            let sound = folder.sound(of: line.site.id)
            taps.append(try SoundTap(at: sound, listener: index, province: stage.province))
            let recording = line == filmed ? folder.recording(of: line.site.id) : nil
            let words = [folder.endpoint] + stage.plan.receiving(line, sound: sound, recording: recording)
            listeners.append(
                try ChildProcess("the endpoint that receives as \(line.site.name)", words, log: log("receive", line)))
        }
    }

    /// How many of them hear the bridge, though there may be nothing to hear yet.
    var listening: Int { taps.lazy.filter(\.isListening).count }

    mutating func startSending() throws {
        for line in stage.plan.lines {
            let words = [stage.folder.endpoint] + stage.plan.sending(line, media: stage.folder.media)
            senders.append(
                try ChildProcess("the endpoint that sends as \(line.site.name)", words, log: log("send", line)))
        }
    }

    /// Those that ended though nobody asked them to.
    var lost: [ChildProcess] { (listeners + senders).filter { $0.end != nil } }

    /// Ends those that receive, which makes the film complete, then those that send.
    ///
    /// - Returns: what each site heard, and what all of them took.
    mutating func end() async -> (logs: [HearingLog], cost: ProcessCost) {
        for listener in listeners { listener.terminate() }
        var cost = ProcessCost()
        for listener in listeners { cost = cost + (await listener.wait(seconds: 10)).cost }
        for sender in senders { sender.terminate() }
        for sender in senders { cost = cost + (await sender.wait(seconds: 3)).cost }
        let logs = taps.map { $0.finish() }
        for line in stage.plan.lines {
            try? FileManager.default.removeItem(atPath: stage.folder.sound(of: line.site.id))
        }
        return (logs, cost)
    }

    private func log(_ verb: String, _ line: DemoPlan.Line) -> String { stage.folder.log("\(verb)-\(line.site.id)") }
}
