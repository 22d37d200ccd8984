import Console
import Foundation
import Hummingbird

/// Answers of the API.
enum Answer {
    /// No page of ours may be framed, load anything from elsewhere, or run what it didn't bring.
    static let security: HTTPFields = [
        .contentSecurityPolicy:
            "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
        .xContentTypeOptions: "nosniff",
        .init("Referrer-Policy")!: "no-referrer",
        .init("Cross-Origin-Resource-Policy")!: "same-origin",
    ]

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        bytes(Array(text.utf8), type: type, status: status)
    }

    static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok, isKept: Bool = false)
        -> Response
    {
        var headers = security
        headers[.contentType] = type
        headers[.cacheControl] = isKept ? "no-cache" : "no-store"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// A page of our making that stands alone, its style in it.
    static func document(_ html: String) -> Response {
        var answer = text(html, type: "text/html; charset=utf-8")
        answer.headers[.contentSecurityPolicy] =
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        return answer
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return bytes(Array(try encoder.encode(value)), type: "application/json", status: status)
    }

    static func refusal(_ reason: String, _ status: HTTPResponse.Status) throws -> Response {
        try json(ControlReply.refused(reason: reason), status: status)
    }

    /// A stream that goes on until the client or the bridge ends.
    static func stream(
        type: String, _ write: @escaping @Sendable (_ writer: inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var headers = security
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        return Response(
            status: .ok, headers: headers,
            body: .init { writer in
                try await write(&writer)
                try await writer.finish(nil)
            })
    }
}

/// Turns what a handler throws into the API's own form: `{"error":"…"}`.
struct ErrorForm<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return try Answer.refusal(error.body ?? error.status.reasonPhrase, error.status)
        }
    }
}
