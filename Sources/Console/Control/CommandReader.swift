import Bridge
import Conference
import Media
import Mixer

/// Turns what an operator asked for into commands of this conference: words become sites, programs and layouts, a preset
/// what the config file has under its name.
package struct CommandReader: Sendable {
    /// A word that is nothing of this conference.
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// What is to be done.
    package struct Work: Hashable, Sendable {
        /// On one frame.
        package var commands: [Command] = []
        /// Sites that are sent a keyframe, and asked for one.
        package var renewals: [SiteID] = []
        package var recordings: [RecordingWork] = []
        /// Whether each site's sound is to be recorded apart from now on, or no longer; `nil`: as before.
        package var sounds: Bool?
        /// What it comes to, for people.
        package var sentences: [String] = []
    }

    /// A recording or a stream that begins or ends.
    package struct RecordingWork: Hashable, Sendable {
        package var program: ProgramID
        package var isStart: Bool
        /// `nil`: a file of the recordings' folder.
        package var url: String?
        package var isStream: Bool
    }

    /// As they will be after what was read so far.
    private var plans: [SitePlan]
    private let programPlans: [ProgramPlan]
    private let presets: [Preset]
    private let mediaDirectory: String?
    private let newSites: NewSites

    private var sites: [SiteID] { plans.map(\.id) }
    private var programs: [ProgramID] { programPlans.map(\.id) }

    /// The site that plays what an operator plays.
    package static let player = SiteID("player")!
    private static let playerName = "Phát tệp"

    /// - Parameters:
    ///   - sites: as they are now.
    ///   - mediaDirectory: what files are played from; `nil`: none can be played.
    ///   - newSites: what holds for a site that is added.
    package init(
        sites: [SitePlan], programs: [ProgramPlan], presets: [Preset], mediaDirectory: String? = nil,
        newSites: NewSites = NewSites()
    ) {
        plans = sites
        programPlans = programs
        self.presets = presets
        self.mediaDirectory = mediaDirectory
        self.newSites = newSites
    }

    /// - Parameter arePreset: whether they stand in the config file; all others may come from far away.
    package func read(_ requests: [ControlRequest], arePreset: Bool = false) throws(Fault) -> Work {
        var reader = self
        var work = Work()
        for request in requests { try reader.add(request, to: &work, isPreset: arePreset) }
        return work
    }

    private mutating func add(_ request: ControlRequest, to work: inout Work, isPreset: Bool) throws(Fault) {
        switch request.verb {
        case .preset:
            guard let preset = presets.first(where: { $0.id == request.preset }) else {
                throw fault(request.preset, "a preset of the config file", presets.map(\.id))
            }
            for request in preset.commands { try add(request, to: &work, isPreset: true) }
            work.sentences = ["the meeting is arranged as \(preset.name)"]
        case .keyframe:
            work.renewals.append(try site(request.site))
            work.sentences.append("\(request.site ?? "") is sent a keyframe, and asked for one")
        case .record, .stream:
            let isStream = request.verb == .stream
            let isStart = isStream ? request.url != nil : request.isStart
            let program = try program(request.program)
            // libavformat would take a name up to its NUL for another file's.
            let url = request.url ?? ""
            guard url.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
                throw Fault(
                    description: "\(Refusal.readable(url)): expected a URL or a name without control characters")
            }
            work.recordings.append(
                RecordingWork(program: program, isStart: isStart, url: request.url, isStream: isStream))
            let verb = isStream ? "streamed" : "recorded"
            work.sentences.append("\(program) is \(isStart ? verb : "no longer \(verb)")")
        case .recordSounds:
            work.sounds = request.isStart
            work.sentences.append("each site's sound is \(request.isStart ? "" : "no longer ")recorded apart")
        case .mute where request.site == "all", .unmute where request.site == "all":
            work.commands += sites.map { request.verb == .mute ? .mute($0) : .unmute($0) }
            work.sentences.append(request.verb == .mute ? "nobody is heard" : "everybody is heard")
        case .add:
            let plans = try add(request, isPreset: isPreset)
            let id = try program(request.program)
            for plan in plans {
                let slides = programPlans.first { $0.isSlides && plan.slidesOf != nil }
                work.commands.append(.add(plan, program: slides?.id ?? id))
            }
            if let site = plans.first { work.sentences.append(Command.add(site, program: id).sentence) }
        default:
            let command = try command(request)
            work.commands.append(command)
            work.sentences.append(command.sentence)
        }
    }

    private mutating func command(_ request: ControlRequest) throws(Fault) -> Command {
        switch request.verb {
        case .layout: .layout(try layout(request.layout ?? ""), program: try program(request.program))
        case .siteLayout: .siteLayout(try request.layout.map(layout), try site(request.site))
        case .pin: .pin(try site(request.site), cell: request.cell, program: try program(request.program))
        case .unpin: .pin(nil, cell: request.cell, program: try program(request.program))
        case .mute: .mute(try site(request.site))
        case .unmute: .unmute(try site(request.site))
        case .gain: .gain(try site(request.site), request.gain)
        case .lecturer: .lecturer(try siteOrNone(request.site))
        case .callUp: .callUp(try siteOrNone(request.site))
        case .hub: .hub(try siteOrNone(request.site))
        case .slides: .slides(try siteOrNone(request.site))
        case .enable: .enable(try site(request.site))
        case .disable: .disable(try site(request.site))
        case .caption: .caption(request.text, program: try program(request.program))
        case .play: try play(request)
        case .stopPlay: try stopPlaying(request.site)
        case .remove: try remove(request.site)
        case .add, .keyframe, .preset, .record, .recordSounds, .stream:
            preconditionFailure("\(request.verb) is no single command")
        }
    }

    /// What an operator plays is a site that comes with it, unless he names one that plays already.
    private mutating func play(_ request: ControlRequest) throws(Fault) -> Command {
        let plan = PlayerPlan(location: try mediaPath(request.file), repeats: request.repeats)
        if let name = request.site { return .play(try site(name), plan) }
        guard !sites.contains(Self.player) else { return .play(Self.player, plan) }
        let site = SitePlan(id: Self.player, name: Self.playerName, audio: nil, video: nil, player: plan)
        plans.append(site)
        return .add(site, program: try program(request.program))
    }

    private mutating func stopPlaying(_ name: String?) throws(Fault) -> Command {
        if let name { return .play(try site(name), nil) }
        guard sites.contains(Self.player) else { throw Fault(description: "nothing is being played") }
        return try remove(Self.player.rawValue)
    }

    /// No name reaches out of the folder.
    private func mediaPath(_ name: String) throws(Fault) -> String {
        guard let mediaDirectory else {
            throw Fault(description: "nothing can be played: expected --media-dir at the start")
        }
        guard !name.isEmpty, !name.contains("/"), !name.hasPrefix("."), !name.contains("\0") else {
            throw Fault(description: "\(Refusal.readable(name)): expected the name of a file in --media-dir")
        }
        return "\(mediaDirectory)/\(name)"
    }

    /// What an operator far away writes names no file of this machine.
    private static func refuseFiles(in specification: Specification, isPreset: Bool) throws(Fault) {
        if specification["sdp"] != nil {
            throw Fault(description: "sdp: expected a site by its ports (audio=, video=, to=), or play=URL")
        }
        if let play = specification["play"], !MediaLocation(play.value).isReadableURL {
            let schemes = MediaLocation.readableSchemes.joined(separator: ", ")
            throw Fault(description: "play: expected a URL that begins with one of \(schemes) and ://")
        }
        for key in ["srtp-in", "srtp-out"] where !isPreset && specification[key]?.value.hasPrefix("@") == true {
            throw Fault(
                description: "\(key): expected the key itself in base 64: files are for flags and the config file")
        }
    }

    private mutating func add(_ request: ControlRequest, isPreset: Bool) throws(Fault) -> [SitePlan] {
        let id = try program(request.program)
        guard let program = programPlans.first(where: { $0.id == id }) else { preconditionFailure("just found") }
        do {
            let specification = try Specification(
                collection: .sites, origin: .flag("add"), text: request.specification)
            try Self.refuseFiles(in: specification, isPreset: isPreset)
            guard let text = specification.id, let site = SiteID(text), !sites.contains(site) else {
                throw Fault(
                    description: "\(Refusal.readable(specification.id ?? "")): expected id=ID, one that no site has")
            }
            var reader = SpecificationReader(specification)
            let standard = SiteSpecification.Standard(
                program: program, videoBitrate: newSites.videoBitrate, audioBitrate: newSites.audioBitrate)
            let added = SiteSpecification.read(&reader, id: site, standard: standard, sites: sites + [site])
            guard !added.isEmpty else {
                throw Fault(description: reader.refusals.items.map(Self.words).joined(separator: "; "))
            }
            plans += added
            return added
        } catch let error as Fault {
            throw error
        } catch {
            throw Fault(description: "\(error)")
        }
    }

    /// A refusal without the flag that nobody typed.
    private static func words(_ refusal: Refusal) -> String {
        let value = refusal.value.map { "=" + Refusal.readable($0) } ?? ""
        return [refusal.key.map { $0 + value }, refusal.reason].compactMap(\.self).joined(separator: ": ")
    }

    private mutating func remove(_ name: String?) throws(Fault) -> Command {
        let site = try site(name)
        plans.removeAll { $0.id == site || $0.slidesOf == site }
        return .remove(site)
    }

    private func layout(_ text: String) throws(Fault) -> Layout {
        do throws(LayoutError) {
            return try Layout.parse(text, knownSites: Set(sites))
        } catch { throw Fault(description: error.description) }
    }

    private func siteOrNone(_ text: String?) throws(Fault) -> SiteID? {
        guard text != nil else { return nil }
        return try site(text)
    }

    private func site(_ text: String?) throws(Fault) -> SiteID {
        guard let id = text.flatMap(SiteID.init), sites.contains(id) else {
            throw fault(text ?? "", "a site of this conference", sites.map(\.rawValue))
        }
        return id
    }

    private func program(_ text: String) throws(Fault) -> ProgramID {
        guard let id = ProgramID(text), programs.contains(id) else {
            throw fault(text, "a program of this conference", programs.map(\.rawValue))
        }
        return id
    }

    private func fault(_ text: String, _ expected: String, _ known: [String]) -> Fault {
        Fault(
            description: "\(Refusal.readable(text)): expected \(expected): "
                + (known.isEmpty ? "there is none" : known.joined(separator: ", ")))
    }
}
