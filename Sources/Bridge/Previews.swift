import Conference
import Dispatch
import Media
import Mixer

/// What people who look over the bridge's shoulder see: each program as a small moving picture, each site as a still one.
/// Whoever asks gets the same JPEG as all others, made when it is asked for, and made anew only so often.
final class Previews: @unchecked Sendable {  // all mutable state is touched on `queue` only
    static let programWidth = 480
    static let siteWidth = 160
    private static let programPeriod = Interval.milliseconds(95)
    private static let sitePeriod = Interval.milliseconds(950)

    private struct Entry {
        var madeAt: Instant
        /// What it was made of: a canvas's or a picture's number.
        var number: UInt64
        var jpeg: [UInt8]
    }

    /// Below everything that the meeting needs.
    private let queue = DispatchQueue(label: "previews", qos: .utility)
    private let programs: [ProgramID: ProgramPath]
    private let sites: SiteDirectory
    private var programEntries: [ProgramID: Entry] = [:]
    private var siteEntries: [SiteID: Entry] = [:]
    private var writers: [ProgramID: JPEGHolder] = [:]
    private let siteWriter = JPEGHolder()

    init(programs: [ProgramPath], sites: SiteDirectory) {
        self.programs = Dictionary(uniqueKeysWithValues: programs.map { ($0.id, $0) })
        self.sites = sites
    }

    /// - Returns: `nil` for an unknown program, or before its first tick.
    func program(_ id: ProgramID) async -> [UInt8]? {
        guard let program = programs[id] else { return nil }
        return await onQueue { [self] in
            let now = Clock.now()
            if let entry = programEntries[id], now - entry.madeAt < Self.programPeriod { return entry.jpeg }
            guard let canvas = program.newestCanvas else { return nil }
            if let entry = programEntries[id], entry.number == canvas.number { return entry.jpeg }
            let writer = writers[id] ?? JPEGHolder()
            writers[id] = writer
            guard let jpeg = writer.writer.jpeg(canvas, width: Self.programWidth) else { return nil }
            programEntries[id] = Entry(madeAt: now, number: canvas.number, jpeg: jpeg)
            return jpeg
        }
    }

    /// - Returns: `nil` for an unknown site, or one without a picture.
    func site(_ id: SiteID) async -> [UInt8]? {
        guard let paths = sites[id], let camera = paths.latest else { return nil }
        paths.camera?.demand.look(at: Clock.now())
        return await onQueue { [self] in
            let now = Clock.now()
            if let entry = siteEntries[id], now - entry.madeAt < Self.sitePeriod { return entry.jpeg }
            guard let picture = camera.read({ $0.first?.picture }) else { return nil }
            if let entry = siteEntries[id], entry.number == picture.number { return entry.jpeg }
            guard let jpeg = siteWriter.writer.jpeg(picture, width: Self.siteWidth) else { return nil }
            siteEntries[id] = Entry(madeAt: now, number: picture.number, jpeg: jpeg)
            return jpeg
        }
    }

    private func onQueue(_ work: @escaping @Sendable () -> [UInt8]?) async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}

/// A writer that is no value, so that a dictionary can hold it.
private final class JPEGHolder {
    var writer = JPEGWriter()
}
