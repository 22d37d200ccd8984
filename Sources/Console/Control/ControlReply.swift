import Foundation

/// The bridge's answer to a command: `{"ok":true,"detail":"…"}`, or `{"error":"…"}` with a 4xx status.
package enum ControlReply: Hashable, Sendable {
    case done(detail: String)
    case refused(reason: String)
}

extension ControlReply: Codable {
    private enum CodingKeys: String, CodingKey {
        case ok, detail, error
    }

    package init(from decoder: any Decoder) throws {
        let body = try decoder.container(keyedBy: CodingKeys.self)
        if let reason = try body.decodeIfPresent(String.self, forKey: .error) {
            self = .refused(reason: reason)
        } else if try body.decode(Bool.self, forKey: .ok) {
            self = .done(detail: try body.decodeIfPresent(String.self, forKey: .detail) ?? "")
        } else {
            throw DecodingError.dataCorruptedError(forKey: .ok, in: body, debugDescription: "not ok, and no error")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .done(let detail):
            try body.encode(true, forKey: .ok)
            try body.encode(detail, forKey: .detail)
        case .refused(let reason):
            try body.encode(reason, forKey: .error)
        }
    }
}

/// What a decoder has to say of a body that isn't what it should be, in one line for the sender.
package enum BodyFault {
    package static func description(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "expected \"\(key.stringValue)\""
        case DecodingError.typeMismatch(let type, let context), DecodingError.valueNotFound(let type, let context):
            "\(path(context)): expected \(type == String.self ? "a string" : "a number")"
        case DecodingError.dataCorrupted(let context):
            context.codingPath.isEmpty ? "expected a JSON object" : "\(path(context)): \(context.debugDescription)"
        default: "expected a JSON object"
        }
    }

    private static func path(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty ? "the body" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
}
