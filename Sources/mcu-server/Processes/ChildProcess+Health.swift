import Console
import Foundation

extension ChildProcess {
    /// Waits until a bridge has its ports and answers; ends it, and throws its last words, if it doesn't.
    /// - Parameter log: the file with its words.
    func awaitHealth(asking client: BridgeClient, log: String) async throws {
        for _ in 0..<200 {
            if end != nil { break }
            if (try? await client.report()) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        terminate()
        let status = await wait(seconds: 3).status
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        let words = text.split(separator: "\n").suffix(3).joined(separator: "\n  ")
        throw RunFailure("the bridge did not start (exit status \(status)). Its last words:\n  \(words)")
    }
}
