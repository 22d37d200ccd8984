import Bridge
import Conference
import Console
import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import Media
import ServiceLifecycle
import Synchronization

/// The bridge's HTTP API, as docs/openapi.yaml has it, and the operator's page.
struct HTTPServer: Sendable {
    let bridge: Bridge
    let gate: Gate
    let audit: AuditLog
    let watch: Watch
    private let live: LiveSettings
    private let staging = Staging()

    /// No command is longer.
    private static let bodyLimit = 64 * 1024
    /// Between two pictures of a preview.
    private static let previewPeriod = Duration.milliseconds(100)
    private static let boundary = "frame"

    init(bridge: Bridge, gate: Gate, audit: AuditLog, settings: LiveSettings, watch: Watch) {
        self.watch = watch
        self.bridge = bridge
        self.gate = gate
        self.audit = audit
        live = settings
    }

    private var settings: ServerSettings { live.current }
    private var presets: [Preset] { settings.presets }
    /// The folder that gets the recordings.
    private var recordings: String? { settings.recordDirectory }
    /// Reads commands for the sites that there are now.
    private var reader: CommandReader {
        CommandReader(
            sites: bridge.sitePlans, programs: bridge.plan.programs, presets: presets,
            mediaDirectory: settings.mediaDirectory, newSites: settings.newSites)
    }

    /// - Parameters:
    ///   - certificate: `nil`: without TLS.
    ///   - onRunning: called once the port is bound.
    func application(
        at address: HostPort, certificate: ServerCertificate?, log: Logger, onRunning: @escaping @Sendable () -> Void
    ) throws -> some ApplicationProtocol {
        let plain = HTTPServerBuilder.http1(configuration: .init(idleTimeout: .seconds(30)))
        return Application(
            router: router,
            server: try certificate.map { try .tls(plain, tlsConfiguration: $0.configuration) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "mcu-server"),
            onServerRunning: { _ in onRunning() },
            logger: log)
    }

    private var router: Router<DeskContext> {
        let router = Router(context: DeskContext.self)
        router.add(middleware: ErrorForm())
        addHealth(to: router)
        addPage(to: router)
        addReadings(to: router)
        addPictures(to: router)
        addLineCheck(to: router)
        addCommands(to: router)
        return router
    }

    // MARK: For anybody

    private func addHealth(to router: Router<DeskContext>) {
        router.get("healthz") { [bridge] _, _ in
            bridge.isHealthy
                ? Answer.text("ok\n") : Answer.text("a tick is overdue\n", status: .serviceUnavailable)
        }
    }

    /// The page has no secrets: what it shows it asks for, with its user's token.
    private func addPage(to router: Router<DeskContext>) {
        router.get("") { _, _ in PageFile.named("index.html")?.answer ?? Answer.text("", status: .notFound) }
        for file in PageFile.all { router.get("\(RouterPath(file.name))") { _, _ in file.answer } }
    }

    // MARK: For viewers

    private func addReadings(to router: Router<DeskContext>) {
        router.get("stats") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(bridge.status())
        }
        router.get("metrics") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return Answer.text(watch.metrics, type: PrometheusText.contentType)
        }
        router.get("v1/alarms") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(watch.alarms)
        }
        router.get("v1/attendance.csv") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            let sheet = AttendanceSheet(
                watch.attendance, start: watch.startOfDay, language: Self.language(of: request))
            return Answer.text(sheet.text, type: "text/csv; charset=utf-8")
        }
        router.get("v1/roll-call") { [bridge, gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(RollCallDocument(bridge.rollCall, watch.attendance, time: watch.time))
        }
        router.get("v1/session") { [bridge, gate, live] request, context in
            let caller = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(SessionDocument(caller, bridge: bridge, presets: live.current.presets))
        }
        router.get("v1/events") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let events = EventHub.shared.watch() else {
                throw HTTPError(.serviceUnavailable, message: "too many watch the events already")
            }
            let alarms = EventHub.text("alarms", watch.alarms)
            return Answer.stream(type: "text/event-stream") { writer in
                try await writer.write(ByteBuffer(string: alarms))
                for await event in events.cancelOnGracefulShutdown() {
                    try await writer.write(ByteBuffer(string: event))
                }
            }
        }
        router.get("v1/recordings") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(RecordingsDocument(recordings: bridge.recordings))
        }
        router.get("v1/files") { [gate, live] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(await FilesDocument.of(live.current.mediaDirectory))
        }
        router.get("v1/audit") { [audit, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .administrator)
            let count = request.uri.queryParameters["count"].flatMap { Int($0) } ?? 200
            return try Answer.json(AuditDocument(entries: audit.newest(min(max(count, 1), 1000))))
        }
    }

    private func addPictures(to router: Router<DeskContext>) {
        router.get("v1/programs/:id/picture.png") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            let isStaged = request.uri.queryParameters["staged"] == "1"
            // While nothing is prepared, as it is.
            guard let id = ProgramID(try context.parameters.require("id")),
                let png = (isStaged ? bridge.rehearsal(of: id) : nil) ?? bridge.picture(of: id)
            else { return try Answer.refusal("no such program, or no picture yet", .notFound) }
            return Answer.bytes(png, type: "image/png")
        }
        router.get("v1/programs/:id/preview") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let id = ProgramID(try context.parameters.require("id")), await bridge.preview(of: id) != nil else {
                return try Answer.refusal("no such program, or no picture yet", .notFound)
            }
            return Answer.stream(type: "multipart/x-mixed-replace; boundary=\(Self.boundary)") { writer in
                var last: [UInt8] = []
                while !Task.isCancelled, !Task.isShuttingDownGracefully {
                    if let jpeg = await bridge.preview(of: id), jpeg != last {
                        let head =
                            "--\(Self.boundary)\r\nContent-Type: image/jpeg\r\nContent-Length: \(jpeg.count)\r\n\r\n"
                        var part = ByteBuffer(string: head)
                        part.writeBytes(jpeg)
                        part.writeString("\r\n")
                        try await writer.write(part)
                        last = jpeg
                    }
                    try await Task.sleep(for: Self.previewPeriod)
                }
            }
        }
        router.get("v1/sites/:id/thumbnail.jpg") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let id = SiteID(try context.parameters.require("id")),
                bridge.sitePlans.contains(where: { $0.id == id })
            else { return try Answer.refusal("no such site", .notFound) }
            guard let jpeg = await bridge.thumbnail(of: id) else { return Response(status: .noContent) }
            return Answer.bytes(jpeg, type: "image/jpeg")
        }
    }

    // MARK: The line check

    private func addLineCheck(to router: Router<DeskContext>) {
        router.get("v1/line-check") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            return try Answer.json(LineCheckDocument(watch.lineCheck))
        }
        router.get("v1/line-check.html") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let check = watch.lineCheck else { return try Answer.refusal("no line was checked yet", .notFound) }
            let page = LineCheckPage(
                check.report, title: "mcu-server \(check.at.formatted(.iso8601))", language: Self.language(of: request))
            return Answer.document(page.html)
        }
        router.get("v1/line-check.csv") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let check = watch.lineCheck else { return try Answer.refusal("no line was checked yet", .notFound) }
            let sheet = LineCheckSheet(check.report, language: Self.language(of: request))
            return Answer.text(sheet.text, type: "text/csv; charset=utf-8")
        }
        router.get("v1/line-check.txt") { [gate, watch] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard let check = watch.lineCheck else { return try Answer.refusal("no line was checked yet", .notFound) }
            let lines = LineCheckTable(check.report, language: Self.language(of: request)).lines
            return Answer.text(lines.joined(separator: "\n") + "\n")
        }
        router.post("v1/line-check") { request, context in
            try await change(request, context, "line-check") { _ in
                guard watch.startLineCheck() else {
                    throw CommandReader.Fault(description: "a line check runs already")
                }
                return "all lines are being checked"
            }
        }
    }

    private static func language(of request: Request) -> Language {
        request.uri.queryParameters["language"] == "en" ? .english : .vietnamese
    }

    // MARK: For operators

    private func addCommands(to router: Router<DeskContext>) {
        router.post("v1/commands") { request, context in
            try await change(request, context, "command") { requests in
                let work = try reader.read(requests)
                // Nothing is recorded of commands that are refused. A preset that begins with a recording has its first
                // picture in it.
                if !work.recordings.isEmpty || work.sounds != nil { try bridge.check(work.commands) }
                if let isStart = work.sounds { try await recordSounds(isStart) }
                for recording in work.recordings { try await record(recording) }
                if !work.commands.isEmpty { try bridge.apply(work.commands) }
                if let folder = settings.sdpDirectory { try describe(work.commands, in: folder) }
                for site in work.renewals { _ = bridge.renewPicture(of: site) }
                return work.sentences.joined(separator: "; ")
            }
        }
        router.get("v1/staged") { [bridge, gate] request, context in
            _ = try gate.admit(request, from: context.address, as: .viewer)
            guard !bridge.staged.isEmpty else { return Answer.bytes(Array("null".utf8), type: "application/json") }
            return try Answer.json(ControlBatch(staging.requests.withLock { $0.map(\.redacted) }))
        }
        router.post("v1/staged") { request, context in
            try await change(request, context, "stage") { sent in
                // A page sends what it has read, and more.
                let known = staging.requests.withLock { $0 }
                let requests = sent.map { $0.completed(from: known) }
                let work = try reader.read(requests)
                guard work.renewals.isEmpty, work.recordings.isEmpty, work.sounds == nil else {
                    throw CommandReader.Fault(description: "expected commands that change what is seen or heard")
                }
                try bridge.stage(work.commands)
                staging.requests.withLock { $0 = requests }
                return requests.isEmpty ? "nothing is prepared" : "prepared: " + work.sentences.joined(separator: "; ")
            }
        }
        router.delete("v1/staged") { request, context in
            try await change(request, context, "stage", hasBody: false) { _ in
                try bridge.stage([])
                return "nothing is prepared"
            }
        }
        router.post("v1/take") { request, context in
            try await change(request, context, "take") { _ in
                try bridge.take().map(\.sentence).joined(separator: "; ")
            }
        }
        router.post("v1/undo") { request, context in
            try await change(request, context, "undo") { _ in
                try bridge.undo()
                return "the last change is undone"
            }
        }
    }

    /// Where a stream may go: to a peer, or, for HLS, into the recordings' folder. No path of an operator's reaches elsewhere.
    private func streamTarget(_ text: String) throws -> String {
        let scheme = text.contains("://") ? text.prefix { $0 != ":" }.lowercased() : nil
        if let scheme, ["rtmp", "rtmps", "srt", "udp"].contains(scheme) { return text }
        if scheme == nil, let recordings, text.hasSuffix(".m3u8"), !text.contains("/") {
            return "\(recordings)/\(text)"
        }
        throw CommandReader.Fault(
            description: "\(Refusal.readable(text)): expected rtmp://, srt:// or udp://, or NAME.m3u8 in --record-dir")
    }

    /// Writes the SDP files of sites that were added.
    private func describe(_ commands: [Command], in folder: String) throws {
        let sites = commands.compactMap { command in
            if case .add(let site, _) = command { site } else { nil }
        }
        do {
            try ReceiverDescriptions(sites: sites).write(to: folder)
        } catch let failure as RunFailure {
            throw CommandReader.Fault(description: "done, but \(failure)")
        }
    }

    private func record(_ work: CommandReader.RecordingWork) async throws {
        guard work.isStart else { return try bridge.endRecording(work.program, isStream: work.isStream) }
        if let url = work.url { return try await bridge.record(work.program, to: try streamTarget(url)) }
        try await bridge.record(work.program, to: "\(try recordingFolder())/\(work.program)-\(Self.fileTime).mp4")
    }

    private func recordSounds(_ isStart: Bool) async throws {
        guard isStart else { return try bridge.endSounds() }
        let (folder, time) = (try recordingFolder(), Self.fileTime)
        try await bridge.recordSounds { "\(folder)/\($0)-\(time).m4a" }
    }

    private func recordingFolder() throws -> String {
        guard let recordings else {
            throw CommandReader.Fault(description: "nothing can be recorded: expected --record-dir at the start")
        }
        return recordings
    }

    /// For names of files: `20261129-081500`.
    private static var fileTime: String {
        Date.now.formatted(
            Date.VerbatimFormatStyle(
                format:
                    "\(year: .defaultDigits)\(month: .twoDigits)\(day: .twoDigits)-\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\(minute: .twoDigits)\(second: .twoDigits)",
                timeZone: .current, calendar: .current))
    }

    /// Lets an operator change something, and notes who did what.
    /// - Parameter work: what is to be done; returns what was, for people.
    private func change(
        _ request: Request, _ context: DeskContext, _ action: String, hasBody: Bool = true,
        _ work: ([ControlRequest]) async throws -> String
    ) async throws -> Response {
        let caller = try gate.admit(request, from: context.address, as: .operate)
        var requests: [ControlRequest] = []
        var asked = ""
        func refuse(_ reason: String, _ status: HTTPResponse.Status) throws -> Response {
            audit.note(action, asked.isEmpty ? reason : "\(asked): \(reason)", by: caller, isDone: false)
            return try Answer.refusal(reason, status)
        }
        if hasBody {
            // A page of another site can't send this type without asking first: no cross-site command.
            guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
                return try refuse("Content-Type: expected application/json", .unsupportedMediaType)
            }
            let body = Data(try await request.body.collect(upTo: Self.bodyLimit).readableBytesView)
            do {
                let isEmpty = ["take", "undo", "line-check"].contains(action)
                if !isEmpty { requests = try JSONDecoder().decode(ControlBatch.self, from: body).commands }
            } catch {
                return try refuse(BodyFault.description(of: error), .badRequest)
            }
        }
        asked = requests.map(\.verb.rawValue).joined(separator: ", ")
        // They open and close ports of this machine.
        if caller.role < .administrator, requests.contains(where: { [.add, .remove].contains($0.verb) }) {
            return try refuse("expected the role administrator: \(caller.name) is \(caller.role.rawValue)", .forbidden)
        }
        do {
            let detail = try await work(requests)
            audit.note(action, detail, by: caller, isDone: true)
            EventHub.shared.log(LogLine.now(.notice, detail, who: caller.name))
            return try Answer.json(ControlReply.done(detail: detail))
        } catch let error as CommandReader.Fault {
            return try refuse(error.description, .badRequest)
        } catch let error as CommandError {
            return try refuse(error.description, .conflict)
        } catch let error as RecordingError {
            return try refuse(error.description, .conflict)
        }
    }
}

/// What waits for `take`, in the words that it was asked for with.
private final class Staging: Sendable {
    // Guarded: held for a copy.
    let requests = Mutex<[ControlRequest]>([])
}
