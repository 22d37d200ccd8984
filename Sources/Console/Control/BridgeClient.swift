import Bridge
import Conference
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Speaks to a running bridge over its HTTP API.
package struct BridgeClient: Sendable {
    /// Why there is no answer to use, as a sentence for the operator.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// The largest answer we read.
    private static let answerLimit = 16 << 20

    private let base: URL
    private let token: String?

    /// - Parameters:
    ///   - url: such as `http://127.0.0.1:8080`.
    ///   - token: sent as `Authorization: Bearer TOKEN`; `nil`: nothing is.
    package init(url: String, token: String?) throws(Refusal) {
        guard let base = URL(string: url), let scheme = base.scheme, ["http", "https"].contains(scheme),
            base.host?.isEmpty == false
        else {
            throw Refusal(
                origin: .flag("--url"), key: "--url", value: url, expected: "a URL such as http://127.0.0.1:8080")
        }
        if let token, ValueForm<String>.token.parse(token) == nil {
            throw Refusal(
                origin: .flag("--token"), key: "--token", value: "…", expected: ValueForm<String>.token.expected)
        }
        self.base = base
        self.token = token
    }

    /// Has the bridge do `request`.
    ///
    /// - Returns: what it says it did.
    package func send(_ request: ControlRequest) async throws -> String {
        try await send([request], to: "v1/commands")
    }

    /// Has the bridge do all of it on one frame, or prepare it, or take what is prepared, or go back.
    ///
    /// - Parameter path: such as `v1/commands`, `v1/staged`, `v1/take`, `v1/undo`.
    package func send(_ commands: [ControlRequest], to path: String) async throws -> String {
        let (data, status) = try await answer(to: path, body: try JSONEncoder().encode(ControlBatch(commands)))
        switch try? JSONDecoder().decode(ControlReply.self, from: data) {
        case .done(let detail) where (200..<300).contains(status): return detail
        case .refused(let reason): throw Failure(description: reason)
        default: throw unexpected(status)
        }
    }

    /// What the bridge says of itself now.
    package func report() async throws -> StatusReport { try await get("stats") }

    /// Everybody in the meeting, over all levels.
    package func rollCall() async throws -> RollCall { try await get("v1/roll-call") }

    /// What the bridge has to read, such as `v1/attendance.csv`.
    package func text(_ path: String) async throws -> String {
        let (data, status) = try await answer(to: path, body: nil)
        if case .refused(let reason) = try? JSONDecoder().decode(ControlReply.self, from: data) {
            throw Failure(description: reason)
        }
        guard (200..<300).contains(status) else { throw unexpected(status) }
        return String(decoding: data, as: UTF8.self)
    }

    /// How far a line check has come; `nil`: none runs.
    package func lineCheckProgress() async throws -> Double? {
        struct Progress: Decodable {
            var running: Bool
            var progress: Double
        }
        let now: Progress = try await get("v1/line-check")
        return now.running ? now.progress : nil
    }

    private func get<Value: Decodable>(_ path: String) async throws -> Value {
        let (data, status) = try await answer(to: path, body: nil)
        if (200..<300).contains(status), let value = try? JSONDecoder().decode(Value.self, from: data) { return value }
        if case .refused(let reason) = try? JSONDecoder().decode(ControlReply.self, from: data) {
            throw Failure(description: reason)
        }
        throw unexpected(status)
    }

    private func answer(to path: String, body: Data?) async throws -> (Data, Int) {
        var request = URLRequest(url: base.appendingPathComponent(path), timeoutInterval: 5)
        if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
        if let body {
            request.httpMethod = "POST"
            request.httpBody = body
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        }
        let (data, response): (Data, URLResponse)
        do {
            (data, response) = try await URLSession.shared.data(for: request)
        } catch {
            throw Failure(
                description:
                    "no answer from \(base) (\(error.localizedDescription)): is the bridge running, and is --url its --http address?"
            )
        }
        guard let status = (response as? HTTPURLResponse)?.statusCode, data.count <= Self.answerLimit else {
            throw Failure(description: "\(base) doesn't answer as a bridge does")
        }
        return (data, status)
    }

    private func unexpected(_ status: Int) -> Failure {
        switch status {
        case 401, 403: Failure(description: "\(base) wants a token: --token or MCU_TOKEN")
        default: Failure(description: "\(base) answered with HTTP status \(status): is it the bridge?")
        }
    }
}
