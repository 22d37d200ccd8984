import Foundation
import TestSupport
import Testing

/// The API as https: whom browsers and curl believe, and a certificate that is renewed while the meeting runs.
@Suite("Certificates", .serialized)
struct CertificateTests {
    private let folder = NSTemporaryDirectory() + "/mcu-certificates-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    /// A certificate that vouches for itself, with its key.
    private func make(_ name: String) throws -> (certificate: String, key: String) {
        let (certificate, key) = ("\(folder)/\(name).pem", "\(folder)/\(name).key")
        let openssl = try Subprocess([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "30",
            "-keyout", key, "-out", certificate, "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        #expect(openssl.wait(seconds: 20) == 0, "\(openssl.output)")
        return (certificate, key)
    }

    private func curl(_ arguments: String...) throws -> Int32? {
        try Subprocess(["curl", "-sS", "-o", "/dev/null", "--max-time", "5"] + arguments).wait(seconds: 10)
    }

    @Test("https with the operator's certificate, nothing older than TLS 1.2, and another one after SIGHUP")
    func renewal() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (first, second) = (try make("first"), try make("second"))
        let line = try SiteLine("gia-binh")
        let (certificate, key) = ("\(folder)/now.pem", "\(folder)/now.key")
        func install(_ pair: (certificate: String, key: String)) throws {
            for (from, to) in [(pair.certificate, certificate), (pair.key, key)] {
                try FileManager.default.contents(atPath: from)?.write(to: URL(fileURLWithPath: to))
            }
        }
        try install(first)
        let token = "a-token-of-sixteen-letters"
        let bridge = try await BridgeProcess(
            line.soundFlags() + ["--tls-certificate", certificate, "--tls-key", key, "--token", token],
            authority: first.certificate)
        let stats = "\(bridge.url)/stats"
        #expect(try curl("-f", "--cacert", first.certificate, "-H", "Authorization: Bearer \(token)", stats) == 0)
        #expect(try curl("-f", "--cacert", first.certificate, stats) == 22, "a token is wanted all the same")
        #expect(try curl(stats) == 60, "nobody vouches for it")
        #expect(
            try curl("--cacert", first.certificate, "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", stats) == 35)
        #expect(try curl(stats.replacing("https:", with: "http:")) != 0, "nothing in the clear")
        let control = try bridge.ctl("layout", "2x2")
        #expect(control.status == 1 && control.output.contains("certificate"), "\(control.output)")

        try "no certificate".write(toFile: certificate, atomically: false, encoding: .utf8)
        try bridge.signal(SIGHUP)
        try await eventually("it is refused") { bridge.log.contains { $0.contains("the old one stays") } }
        #expect(try curl("--cacert", first.certificate, stats) == 0)
        try install(second)
        try bridge.signal(SIGHUP)
        try await eventually("the second one is shown") { try curl("--cacert", second.certificate, stats) == 0 }
        #expect(try curl("--cacert", first.certificate, stats) == 60)
        #expect(bridge.stop() == 0)
    }

    @Test("files that are not what they should be are refused at the start")
    func refusals() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (first, second) = (try make("first"), try make("second"))
        func refused(_ flags: [String]) throws -> (status: Int32?, output: String) {
            let ports = try SiteLine("a").bridge
            let start = [
                "run", "--site", "id=a,audio=\(ports.audio),from=any", "--http", "127.0.0.1:\(ports.video)",
            ]
            let bridge = try Subprocess([BridgeProcess.program] + start + flags)
            return (bridge.wait(seconds: 10), bridge.output)
        }
        let other = try refused(["--tls-certificate", first.certificate, "--tls-key", second.key])
        #expect(other.status == 1 && other.output.contains("--tls-key") && other.output.contains("expected the key of"))
        let none = try refused(["--tls-certificate", folder + "/none.pem", "--tls-key", first.key])
        #expect(none.status == 1 && none.output.contains("--tls-certificate \(folder)/none.pem: expected a PEM file"))
        let alone = try refused(["--tls-certificate", first.certificate])
        #expect(alone.status == 2 && alone.output.contains("expected its key too: --tls-key"), "\(alone)")
    }
}
