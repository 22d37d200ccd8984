import Bridge
import Conference
import Console
import Foundation
import Hummingbird
import Logging
import Media

/// The bridge's HTTP API: `/healthz`, `/stats`, `/v1/commands` and each program's picture.
struct HTTPServer: Sendable {
    let bridge: Bridge
    /// What requests must bring as `Authorization: Bearer TOKEN`; `nil`: nothing.
    let token: String?

    /// No command is longer.
    private static let bodyLimit = 64 * 1024

    func application(at address: HostPort, log: Logger) -> some ApplicationProtocol {
        Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: .seconds(30))),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port), serverName: "mcu-server"),
            logger: log)
    }

    private var router: Router<BasicRequestContext> {
        let router = Router()
        router.get("healthz") { [bridge] _, _ in
            bridge.isHealthy
                ? Self.text("ok\n") : Self.text("a tick is overdue\n", status: .serviceUnavailable)
        }
        router.get("stats") { [bridge] request, _ in
            try authorize(request)
            return try Self.json(bridge.status())
        }
        router.get("v1/roll-call") { [bridge] request, _ in
            try authorize(request)
            return try Self.json(bridge.rollCall)
        }
        router.get("v1/programs/:id/picture.png") { [bridge] request, context in
            try authorize(request)
            guard let id = ProgramID(try context.parameters.require("id")), let png = bridge.picture(of: id) else {
                return try Self.json(
                    ControlReply.refused(reason: "no such program, or no picture yet"), status: .notFound)
            }
            return Response(
                status: .ok, headers: [.contentType: "image/png", .cacheControl: "no-store"],
                body: .init(byteBuffer: ByteBuffer(bytes: png)))
        }
        router.post("v1/commands") { request, _ in
            try authorize(request)
            // A page of another site can't send this type without asking first: no cross-site command.
            guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
                return try Self.json(
                    ControlReply.refused(reason: "Content-Type: expected application/json"),
                    status: .unsupportedMediaType)
            }
            return try await obey(request)
        }
        return router
    }

    private func obey(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        do {
            let request = try JSONDecoder().decode(ControlRequest.self, from: Data(body.readableBytesView))
            let command = try CommandReader(plan: bridge.plan).read(request)
            try bridge.apply(command)
            return try Self.json(ControlReply.done(detail: CommandReader.sentence(for: command)))
        } catch let error as DecodingError {
            return try Self.json(ControlReply.refused(reason: BodyFault.description(of: error)), status: .badRequest)
        } catch let error as CommandReader.Fault {
            return try Self.json(ControlReply.refused(reason: error.description), status: .badRequest)
        } catch let error as CommandError {
            return try Self.json(ControlReply.refused(reason: error.description), status: .conflict)
        }
    }

    private func authorize(_ request: Request) throws {
        guard let token else {
            // A page that gave its own name our address would be of one origin with us: it comes with that name.
            let host = request.head.authority.map { Substring($0).prefix { $0 != ":" } } ?? ""
            guard ["127.0.0.1", "localhost"].contains(host) else {
                throw HTTPError(.forbidden, message: "expected Host: 127.0.0.1 or localhost, or a token")
            }
            return
        }
        guard let given = request.headers[.authorization], Self.isEqual(given, "Bearer \(token)") else {
            throw HTTPError(.unauthorized, message: "expected Authorization: Bearer TOKEN")
        }
    }

    /// Takes as long for any two texts of a length: how much of a token was right must not show.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func text(_ text: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }

    private static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(value)
        return Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: data)))
    }
}
