import Conference
import Media

/// Makes a plan of what flags, environment and config file say, or says all that is wrong with it.
package struct PlanBuilder {
    private let settings: [GeneralKey: Field]
    private let specifications: [Specification]
    private var refusals = Refusals()

    /// - Parameter layers: what each place says, the weakest first; our defaults come before all of them.
    package init(layers: [ConfigurationLayer]) {
        let merged = layers.reduce(ConfigurationLayer.standard) { $0.overridden(by: $1) }
        settings = merged.settings
        specifications = merged.specifications
    }

    /// Reads all layers.
    ///
    /// - Throws: every refusal; the plan's own cross-checks (`problems()`) come last, when every value could be read.
    package static func build(_ layers: [ConfigurationLayer]) throws(Refusals) -> Configuration {
        var builder = PlanBuilder(layers: layers)
        let configuration = builder.read()
        guard builder.refusals.isEmpty, let configuration else { throw builder.refusals }
        return configuration
    }

    private mutating func read() -> Configuration? {
        let sites = readIDs()
        let room = readRoom(sites.map(\.id))
        let server = readServer()
        var programs = readPrograms(sites.map(\.id), room: room)
        assignViewers(&programs, sites)
        var plans: [SitePlan] = []
        for (id, specification) in sites {
            let program = programs.first { $0.viewers.contains(id) } ?? room
            var reader = SpecificationReader(specification)
            let read = SiteSpecification.read(
                &reader, id: id, standard: readStandard(program), sites: sites.map(\.id))
            if let site = read.first { checkKey(of: site, &reader) }
            plans += read
            take(reader.refusals)
        }
        assignSlides(&programs, plans.filter { $0.slidesOf != nil })
        guard let plan = readPlan(sites: plans, programs: programs), let server, refusals.isEmpty else { return nil }
        checkPresets(server.presets, plan, mediaDirectory: server.mediaDirectory)
        let locator = ProblemLocator(settings: settings, specifications: specifications, plan: plan)
        for problem in plan.problems() {
            let refusal = locator.refusal(problem)
            // What one value spoils in several places is told once.
            let isTold = refusals.items.contains {
                $0.origin == refusal.origin && $0.key == refusal.key && $0.value == refusal.value
            }
            if !isTold || refusal.key == nil { refusals.add(refusal) }
        }
        return Configuration(plan: plan, server: server)
    }

    // MARK: Sites

    /// The sites in the plan's order, with ids that are well-formed and not used twice: sites, uplinks, downlinks.
    private mutating func readIDs() -> [(id: SiteID, specification: Specification)] {
        var sites: [(id: SiteID, specification: Specification)] = []
        for collection in [Specification.Collection.sites, .uplinks, .downlinks] {
            for specification in specifications where specification.collection == collection {
                var reader = SpecificationReader(specification)
                if let id = reader.read("id", as: ValueForm(SiteID.expectation) { SiteID($0) }) {
                    if let other = sites.first(where: { $0.id == id }) {
                        reader.refuse(
                            "id", expected: "an id of its own: \(other.specification.origin.place) has this one")
                    } else {
                        sites.append((id, specification))
                    }
                } else if !reader.has("id") {
                    reader.refuse("id", expected: "id=ID: \(SiteID.expectation)")
                }
                take(reader.refusals)
            }
        }
        return sites
    }

    private mutating func readStandard(_ program: ProgramPlan) -> SiteSpecification.Standard {
        let none = Bitrate(bitsPerSecond: 0)
        return SiteSpecification.Standard(
            program: program, videoBitrate: read(.videoBitrate, as: .bitrate) ?? none,
            audioBitrate: read(.audioBitrate, as: .bitrate) ?? none)
    }

    /// A key made at random is of use only if the site can learn it.
    private func checkKey(of site: SitePlan, _ reader: inout SpecificationReader) {
        let isSentSecurely =
            site.audio?.security != nil && site.audio?.destination != nil
            || site.video?.security != nil && site.video?.destination != nil
        guard isSentSecurely, !reader.has("srtp-out"), settings[.sdpDirectory] == nil else { return }
        reader.refuse(
            reader.has("srtp") ? "srtp" : "sdp",
            expected:
                "srtp-out with it, or --sdp-dir: from its SDP file there the site learns the key of what it is sent")
    }

    // MARK: Programs

    /// The room as the general settings have it. Something stands in for what was refused, so that the rest is read.
    private mutating func readRoom(_ sites: [SiteID]) -> ProgramPlan {
        let layout = readLayout(sites)
        let size = read(.size, as: .size)
        let frameRate = read(.fps, as: .wholeNumber(1...60))
        let fit = read(.fit, as: ValueForm<Fit>.word)
        return ProgramPlan(
            id: .room, layout: layout ?? .automatic, viewers: [], size: size ?? Size(width: 1280, height: 720),
            frameRate: frameRate ?? 60, fit: fit ?? .letterbox)
    }

    private mutating func readLayout(_ sites: [SiteID]) -> Layout? {
        guard let field = settings[.layout] else { return nil }
        do {
            return try Layout.parse(field.value, knownSites: Set(sites))
        } catch {
            refuse(.layout, field, reason: error.description)
            return nil
        }
    }

    /// The room first, then the operator's programs in their order.
    private mutating func readPrograms(_ sites: [SiteID], room: ProgramPlan) -> [ProgramPlan] {
        var programs = [room]
        for specification in specifications where specification.collection == .programs {
            var reader = SpecificationReader(specification)
            let program = ProgramSpecification.read(&reader, standard: room, sites: sites)?.plan
            if let program {
                let taken = programs.flatMap(\.viewers)
                if let twice = program.viewers.first(where: taken.contains) {
                    reader.refuse("to", expected: "each site in one program only; \(twice) is in another too")
                }
                if program.id == .room, programs[0] == room {
                    programs[0] = program
                } else if programs.contains(where: { $0.id == program.id }) {
                    reader.refuse("id", expected: "an id of its own: another program has this one")
                } else {
                    programs.append(program)
                }
            }
            take(reader.refusals)
        }
        return programs
    }

    /// Puts the sites that no program names where they belong. Up goes one source full screen, not a mosaic: an uplink
    /// that no program names gets `return`, made for it unless the operator has one; a backup gets what its link gets; all
    /// others are viewers of the room.
    private func assignViewers(
        _ programs: inout [ProgramPlan], _ sites: [(id: SiteID, specification: Specification)]
    ) {
        let named = Set(programs.flatMap(\.viewers))
        let ids = Set(sites.map(\.id.rawValue))
        var unnamed = sites.filter { !named.contains($0.id) }
        // Last, when its link has a program. Of one that names no other site the plan's own check complains.
        let backups = unnamed.filter { backup in
            backup.specification["backup"].map { $0.value != backup.id.rawValue && ids.contains($0.value) } ?? false
        }
        unnamed.removeAll { site in backups.contains { $0.id == site.id } }
        defer {
            for backup in backups {
                let main = backup.specification["backup"]?.value
                let home = programs.firstIndex { $0.viewers.contains { $0.rawValue == main } }
                programs[home ?? 0].viewers.append(backup.id)
            }
        }
        let uplinks = unnamed.filter { $0.specification.collection == .uplinks }.map(\.id)
        programs[0].viewers += unnamed.filter { $0.specification.collection != .uplinks }.map(\.id)
        guard !uplinks.isEmpty, let id = ProgramID("return"), let layout = Layout.named("speaker") else { return }
        if let index = programs.firstIndex(where: { $0.id == id }) {
            programs[index].viewers += uplinks
        } else {
            let room = programs[0]
            programs.append(
                ProgramPlan(
                    id: id, layout: layout, viewers: uplinks, size: room.size, frameRate: room.frameRate, fit: room.fit)
            )
        }
    }

    /// Slides go out in a program of their own, made for them unless the operator has one.
    private func assignSlides(_ programs: inout [ProgramPlan], _ slides: [SitePlan]) {
        guard let program = ProgramPlan(slidesFor: slides) else { return }
        if let index = programs.firstIndex(where: { $0.id == program.id }) {
            programs[index].viewers += program.viewers
            programs[index].isSlides = true
        } else {
            programs.append(program)
        }
    }

    // MARK: General settings

    private mutating func readPlan(sites: [SitePlan], programs: [ProgramPlan]) -> ConferencePlan? {
        let bind = read(.bind, as: .address)
        let gop = read(.gop, as: .gop)
        let loudest = read(.loudest, as: .wholeNumber(1...1000))
        let preset = read(.preset, as: .preset)
        let encoder = read(.encoder, as: .encoder)
        let ids = specifications.compactMap { $0.collection.isOfSites ? $0.id.flatMap(SiteID.init) : nil }
        let lecturer = read(
            .lecturer,
            as: ValueForm("the id of a site, one of " + ids.map(\.rawValue).joined(separator: ", ")) { text in
                ids.first { $0.rawValue == text }
            })
        let rooms = specifications.compactMap { $0.collection == .sites ? $0.id.flatMap(SiteID.init) : nil }
        let hub = read(
            .hub,
            as: ValueForm("the id of a site that is no link, one of " + rooms.map(\.rawValue).joined(separator: ", ")) {
                text in rooms.first { $0.rawValue == text }
            })
        let audioDSCP = read(.audioDSCP, as: .wholeNumber(0...63))
        let videoDSCP = read(.videoDSCP, as: .wholeNumber(0...63))
        guard let bind, let gop, let loudest, let preset, let audioDSCP, let videoDSCP else { return nil }
        return ConferencePlan(
            sites: sites, programs: programs, bindAddress: bind, gop: gop, loudest: loudest,
            preset: preset == "auto" ? nil : preset, encoder: encoder, lecturer: lecturer, hub: hub,
            audioDSCP: audioDSCP, videoDSCP: videoDSCP)
    }

    private mutating func readServer() -> ServerSettings? {
        let hasHTTP = settings[.http]?.value != "off"
        let address = ValueForm<HostPort>.hostPort(last: 65_535)
        let http = hasHTTP ? read(.http, as: ValueForm("off or " + address.expected, address.parse)) : nil
        let certificate = readCertificate()
        let token = read(.token, as: .token)
        let directory = read(.sdpDirectory, as: .path)
        let auditLog = read(.auditLog, as: .path)
        let recordings = read(.recordDirectory, as: .path)
        let media = read(.mediaDirectory, as: .path)
        let stateFile = read(.stateFile, as: .path)
        let capacity = read(.capacity, as: .path)
        var newSites = NewSites()
        newSites.videoBitrate = read(.videoBitrate, as: .bitrate) ?? newSites.videoBitrate
        newSites.audioBitrate = read(.audioBitrate, as: .bitrate) ?? newSites.audioBitrate
        let access = readAll(.access, AccessSpecification.read)
        let presets = readAll(.presets, PresetSpecification.read)
        let level = read(.logLevel, as: ValueForm<LogLevel>.word)
        let format = read(.logFormat, as: ValueForm<LogFormat>.word)
        if let http, !HostName.isLoopback(http.host), settings[.token] == nil, access.isEmpty,
            let field = settings[.http]
        {
            refuse(
                .http, field,
                reason: "expected a token too (--token, MCU_TOKEN or --access): others than this machine can reach it")
        }
        guard http != nil || !hasHTTP, let level, let format else { return nil }
        return ServerSettings(
            http: http, certificate: certificate, token: token, access: access, auditLog: auditLog, presets: presets,
            recordDirectory: recordings, mediaDirectory: media, newSites: newSites, sdpDirectory: directory,
            stateFile: stateFile, capacityFile: capacity, logLevel: level, logFormat: format)
    }

    /// A certificate and its key, or neither.
    private mutating func readCertificate() -> CertificateFiles? {
        let certificate = read(.certificate, as: .path)
        let key = read(.certificateKey, as: .path)
        switch (settings[.certificate], settings[.certificateKey]) {
        case (let field?, nil): refuse(.certificate, field, reason: "expected its key too: --tls-key")
        case (nil, let field?):
            refuse(.certificateKey, field, reason: "expected its certificate too: --tls-certificate")
        default: break
        }
        guard let certificate, let key else { return nil }
        return CertificateFiles(certificate: certificate, key: key)
    }

    /// Reads all members of a collection; those that were refused are left out.
    private mutating func readAll<Value>(
        _ collection: Specification.Collection, _ read: (inout SpecificationReader) -> Value?
    ) -> [Value] {
        specifications.lazy.filter { $0.collection == collection }.map { SpecificationReader($0) }.reduce(into: []) {
            values, reader in
            var reader = reader
            if let value = read(&reader) { values.append(value) }
            take(reader.refusals)
        }
    }

    /// Tries each preset on the conference as it starts: what can't be obeyed is better known before the meeting.
    private mutating func checkPresets(_ presets: [Preset], _ plan: ConferencePlan, mediaDirectory: String?) {
        for (index, preset) in presets.enumerated() {
            let places = specifications.filter { $0.collection == .presets && $0.id == preset.id }
            guard let field = places.last?["do"] else { continue }
            if presets[..<index].contains(where: { $0.id == preset.id }) {
                refusals.add(
                    Refusal(
                        origin: field.origin, id: preset.id, key: "id", expected: "an id of its own for each preset"))
            }
            var conference = Conference(plan, id: BridgeID(rawValue: 0))
            do {
                let reader = CommandReader(
                    sites: plan.sites, programs: plan.programs, presets: [], mediaDirectory: mediaDirectory)
                try conference.apply(try reader.read(preset.commands, arePreset: true).commands)
            } catch {
                refusals.add(
                    Refusal(origin: field.origin, id: preset.id, key: "do", value: field.value, reason: "\(error)"))
            }
        }
    }

    private mutating func read<Value>(_ key: GeneralKey, as form: ValueForm<Value>) -> Value? {
        guard let field = settings[key] else { return nil }
        if let value = form.parse(field.value) { return value }
        refuse(key, field, reason: "expected " + form.expected)
        return nil
    }

    private mutating func refuse(_ key: GeneralKey, _ field: Field, reason: String) {
        refusals.add(Refusal(origin: field.origin, key: key.rawValue, value: field.value, reason: reason))
    }

    private mutating func take(_ others: Refusals) {
        for refusal in others.items { refusals.add(refusal) }
    }
}
