import Bridge
import Foundation
import Logging

/// Keeps a bridge's state in a file, so that the next process goes on where this one ends, or dies.
struct StateKeeper: Sendable {
    let path: String
    let log: Logger

    /// What the process before left; `nil`: nothing of this meeting.
    func load() -> SavedState? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        guard let state = try? JSONDecoder().decode(SavedState.self, from: data) else {
            log.warning("the state file can't be read: all streams begin anew", metadata: ["file": "\(path)"])
            return nil
        }
        guard state.isValid else { return nil }
        log.notice("goes on where the process before ended", metadata: ["file": "\(path)"])
        return state
    }

    /// Saves it once a second until it is cancelled. What goes wrong is told once.
    func keep(_ bridge: Bridge) async {
        var wasSaved = true
        while !Task.isCancelled {
            let fault = save(bridge.savedState(isComplete: false))
            if let fault, wasSaved {
                log.warning(
                    "the state file can't be written: a restart would begin anew",
                    metadata: ["file": "\(path)", "reason": "\(fault)"])
            }
            wasSaved = fault == nil
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// In one piece or not at all.
    /// - Returns: why it was not.
    @discardableResult
    func save(_ state: SavedState) -> String? {
        do {
            try JSONEncoder().encode(state).write(to: URL(fileURLWithPath: path), options: .atomic)
            return nil
        } catch { return error.localizedDescription }
    }
}
