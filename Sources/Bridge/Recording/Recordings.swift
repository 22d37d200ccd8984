import Conference
import Foundation
import Logging
import Media
import Mixer
import Synchronization

/// How one recording or stream stands.
package struct RecordingStatus: Codable, Hashable, Sendable {
    package var program: String
    /// The site whose sound it is; `nil`: it is the program's.
    package var site: String?
    /// Its path or URL, without what is secret in it.
    package var file: String
    package var seconds: Double
    package var bytes: Int
    /// `recording`, `done` or `failed`.
    package var state: String
    /// Why it failed; `nil`: it didn't.
    package var reason: String?
    /// Pictures left out since the disk or the peer did not keep up.
    package var dropped: Int
}

/// Why a recording can't begin or end.
package struct RecordingError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

/// All recordings of the bridge: those at work, and the last ones that ended.
final class Recordings: Sendable {
    /// Ended ones that are still told of.
    private static let kept = 50
    /// Of a program that no site is sent.
    private static let bitrate = Bitrate(bitsPerSecond: 3_000_000)

    private let programs: [ProgramPath]
    private let audio: AudioPath
    private let log: Logger
    // Guarded: held for a look.
    private let all = Mutex<[Recording]>([])

    init(programs: [ProgramPath], audio: AudioPath, log: Logger) {
        self.programs = programs
        self.audio = audio
        self.log = log
    }

    /// Returns when the file is made, or the peer has answered.
    func start(_ program: ProgramID, to text: String) async throws(RecordingError) {
        guard let path = programs.first(where: { $0.id == program }) else {
            throw RecordingError(description: "\(program): expected the id of a program of this conference")
        }
        let location = MediaLocation(text)
        if all.withLock({ $0.contains { $0.isRunning && $0.program == program && $0.location == location } }) {
            throw RecordingError(description: "\(program) is written to \(location) already")
        }
        var log = log
        log[metadataKey: "program"] = "\(program)"
        let recording = Recording(path.recordingSubject(bitrate: Self.bitrate), to: location, log: log)
        try await begin(recording)
        path.add(recording)
        followSound()
        log.notice("recording", metadata: ["file": "\(location)"])
    }

    /// Records the sound of each site into a file of its own. Returns when all are made, or none.
    /// - Parameter path: of a site's file.
    func startSounds(of sites: [SiteID], path: (SiteID) -> String) async throws(RecordingError) {
        if all.withLock({ $0.contains { $0.isRunning && $0.site != nil } }) {
            throw RecordingError(description: "the sites' sounds are recorded already")
        }
        var begun: [Recording] = []
        for site in sites {
            var log = log
            log[metadataKey: "site"] = "\(site)"
            let recording = Recording(.sound(of: site), to: MediaLocation(path(site)), log: log)
            do throws(RecordingError) {
                try await begin(recording)
            } catch {
                end(begun)
                throw error
            }
            begun.append(recording)
        }
        followSound()
        log.notice("the sites' sounds are recorded", metadata: ["sites": "\(begun.count)"])
    }

    func stopSounds() throws(RecordingError) {
        let ending = all.withLock { $0.filter { $0.isRunning && $0.site != nil } }
        guard !ending.isEmpty else { throw RecordingError(description: "the sites' sounds aren't being recorded") }
        end(ending)
    }

    private func begin(_ recording: Recording) async throws(RecordingError) {
        let error = await withCheckedContinuation { continuation in
            recording.start {
                continuation.resume(returning: $0)
            } whenFailed: { [weak self, unowned recording] in
                self?.end([recording])
            }
        }
        if let error { throw RecordingError(description: "\(error)") }
        all.withLock { all in
            all.append(recording)
            if all.count > Self.kept, let ended = all.firstIndex(where: { !$0.isRunning }) { all.remove(at: ended) }
        }
    }

    /// Ends those of a program that `isMeant` picks.
    func stop(_ program: ProgramID, where isMeant: (MediaLocation) -> Bool) throws(RecordingError) {
        let ending = all.withLock { $0.filter { $0.isRunning && $0.program == program && isMeant($0.location) } }
        guard !ending.isEmpty else { throw RecordingError(description: "\(program) isn't being recorded") }
        end(ending)
    }

    func stopAll() {
        let ending = all.withLock { $0.filter(\.isRunning) }
        end(ending)
        for recording in ending { recording.flush() }
    }

    var status: [RecordingStatus] {
        all.withLock { $0 }.map { recording in
            let report = recording.report
            let state =
                switch report.phase {
                case .recording: "recording"
                case .done: "done"
                case .failed: "failed"
                }
            return RecordingStatus(
                program: recording.program?.rawValue ?? "", site: recording.site?.rawValue,
                file: "\(recording.location)", seconds: report.length.seconds,
                bytes: report.bytes, state: state, reason: report.reason, dropped: report.dropped)
        }
    }

    private func end(_ recordings: [Recording]) {
        for recording in recordings {
            programs.first { $0.id == recording.program }?.remove(recording)
            recording.stop()
        }
        followSound()
    }

    /// One that failed or was ended needs no sound any more.
    private func followSound() { audio.setRecordings(all.withLock { $0.filter(\.isRunning) }) }
}
