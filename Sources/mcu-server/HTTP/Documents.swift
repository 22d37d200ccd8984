import Bridge
import Conference
import Console
import Dispatch
import Foundation
import Glibc
import Media
import Mixer
import Synchronization

/// `GET /v1/session`: who is asking, and what there is to choose from.
struct SessionDocument: Encodable {
    struct Named: Encodable {
        var id: String
        var name: String
    }

    struct Drawn: Encodable {
        struct Cell: Encodable {
            /// Of the canvas, 0 to 1.
            var x: Double
            var y: Double
            var width: Double
            var height: Double
            /// `*`, a capital letter, `speaker`, `previous`, `slides` or `uplink`.
            var role: String
        }

        var name: String
        var cells: [Cell]

        init(_ layout: Layout) {
            name = layout.description
            let (columns, rows) = (Double(layout.columns), Double(layout.rows))
            cells = layout.cells.map { cell in
                Cell(
                    x: Double(cell.column) / columns, y: Double(cell.row) / rows,
                    width: Double(cell.columnSpan) / columns, height: Double(cell.rowSpan) / rows,
                    role: cell.role.description)
            }
        }
    }

    var role: Role
    var who: String
    var bridge: String
    var version: String
    var conference: String
    var programs: [String]
    var presets: [Named]
    var layouts: [Drawn]

    /// Grids that fit on buttons; any other is typed.
    private static let grids = ["1x1", "1x2", "2x2", "2x3", "3x3", "4x4", "5x5"]

    init(_ caller: Gate.Caller, bridge: Bridge, presets: [Preset]) {
        role = caller.role
        who = caller.name
        self.bridge = bridge.id.description
        version = MCUServer.version
        let sites = bridge.sitePlans
        conference = sites.first { $0.id == bridge.plan.hub }?.name ?? sites.first?.name ?? ""
        programs = bridge.plan.programs.map(\.id.rawValue)
        self.presets = presets.map { Named(id: $0.id, name: $0.name) }
        layouts = (Layout.names + Self.grids).compactMap(Layout.named).map(Drawn.init)
    }
}

/// `GET /v1/recordings`.
struct RecordingsDocument: Encodable {
    var recordings: [RecordingStatus]
}

/// `GET /v1/files`: what can be played.
struct FilesDocument: Encodable, Sendable {
    struct File: Encodable, Sendable {
        var name: String
        /// `nil`: nobody knows, or a still.
        var seconds: Double?
    }

    var files: [File]

    /// By which a file is known as the one that was looked into.
    private struct Stamp: Hashable, Sendable {
        let path: String
        let size: Int
        let seconds: Int
        let nanoseconds: Int

        /// `nil` if there is no such file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            self.path = path
            size = Int(status.st_size)
            (seconds, nanoseconds) = (Int(status.st_mtim.tv_sec), Int(status.st_mtim.tv_nsec))
        }
    }

    /// More are not told of.
    private static let limit = 200
    /// Looking into files takes a disk's time: no thread of those that answer requests waits for it.
    private static let queue = DispatchQueue(label: "files", qos: .utility)
    /// What was found the last time; `nil`: nothing that can be played.
    // Guarded: held for a copy.
    private static let known = Mutex<[Stamp: File?]>([:])

    /// - Parameter folder: `nil`: there is none, and so no file.
    static func of(_ folder: String?) async -> FilesDocument {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: FilesDocument(folder: folder)) }
        }
    }

    private init(folder: String?) {
        let names = folder.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) } ?? []
        let known = Self.known.withLock { $0 }
        var found: [Stamp: File?] = [:]
        files = []
        for name in names.filter({ !$0.hasPrefix(".") }).sorted().prefix(Self.limit) {
            guard let stamp = Stamp("\(folder ?? "")/\(name)") else { continue }
            let file: File? = known[stamp] ?? Self.look(into: stamp.path, name)
            found.updateValue(file, forKey: stamp)
            if let file { files.append(file) }
        }
        let all = found
        Self.known.withLock { $0 = all }
    }

    /// - Returns: `nil` for what can't be opened, and so can't be played.
    private static func look(into path: String, _ name: String) -> File? {
        guard let reader = try? MediaFileReader(MediaLocation(path)) else { return nil }
        return File(name: name, seconds: reader.duration?.seconds)
    }
}

/// `GET /v1/audit`.
struct AuditDocument: Encodable {
    var entries: [AuditLog.Entry]
}
