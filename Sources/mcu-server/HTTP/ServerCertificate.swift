import Console
import Foundation
import Logging
import NIOCore
import NIOSSL
import Synchronization

/// What the HTTP API proves with that it is who it says: a certificate with those that vouch for it, and its key. Read anew
/// at SIGHUP, as a renewal wants it: connections from then on are shown the new one.
final class ServerCertificate: Sendable {
    private struct Pair: Sendable {
        var chain: [NIOSSLCertificate]
        var key: NIOSSLPrivateKey
    }

    /// The log warns of a certificate that ends sooner.
    private static let notice = TimeInterval(14 * 86_400)

    // Guarded: held for a copy.
    private let pair: Mutex<Pair>
    private let log: Logger

    /// - Throws: `RunFailure` where the files are not what they should be.
    init(_ files: CertificateFiles, log: Logger) throws {
        self.log = log
        let pair = try Self.read(files)
        self.pair = Mutex(pair)
        tell(pair)
    }

    /// Takes what is in these files now.
    /// - Throws: `RunFailure`; nothing has changed then.
    func renew(from files: CertificateFiles) throws {
        let next = try Self.read(files)
        pair.withLock { $0 = next }
        tell(next)
    }

    /// TLS 1.2 and up, with the certificate as it is when somebody connects.
    var configuration: TLSConfiguration {
        var configuration = Self.configuration(pair.withLock { $0 })
        configuration.sslContextCallback = { [self] _, promise in
            let now = pair.withLock { $0 }
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = now.chain.map { .certificate($0) }
            override.privateKey = .privateKey(now.key)
            promise.succeed(override)
        }
        return configuration
    }

    private static func configuration(_ pair: Pair) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain.map { .certificate($0) }, privateKey: .privateKey(pair.key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func read(_ files: CertificateFiles) throws -> Pair {
        let chain: [NIOSSLCertificate]
        do {
            chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        } catch {
            throw RunFailure(
                "--tls-certificate \(files.certificate): expected a PEM file: our certificate, then those that vouch for it"
            )
        }
        let key: NIOSSLPrivateKey
        do {
            key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        } catch {
            throw RunFailure(
                "--tls-key \(files.key): expected a PEM file with the certificate's private key, without a passphrase")
        }
        let pair = Pair(chain: chain, key: key)
        do {
            _ = try NIOSSLContext(configuration: configuration(pair))
        } catch {
            throw RunFailure("--tls-key \(files.key): expected the key of the certificate in \(files.certificate)")
        }
        return pair
    }

    private func tell(_ pair: Pair) {
        guard let own = pair.chain.first else { return }
        let end = Date(timeIntervalSince1970: TimeInterval(own.notValidAfter))
        let words: Logger.Metadata = ["ends": "\(end.formatted(.iso8601))"]
        if end.timeIntervalSinceNow < Self.notice {
            log.warning("the certificate of the HTTP API must be renewed", metadata: words)
        } else {
            log.info("certificate of the HTTP API", metadata: words)
        }
    }
}
