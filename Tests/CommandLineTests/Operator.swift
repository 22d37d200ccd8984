import Conference
import Console
import Foundation
import Media
import RTP

/// What an operator does: flags, environment and a config file in, a configuration or refusals out.
enum Operator {
    static let giaBinh = "id=gia-binh,name=Huyện ủy Gia Bình,audio=5004,video=5006,to=10.20.3.10:5004"

    static func configuration(
        _ flags: [String], environment: [String: String] = [:]
    ) throws -> Configuration {
        try PlanOptions.configuration(flags: flags, environment: environment)
    }

    /// What the operator is told; empty if the configuration is taken.
    static func refusals(_ flags: [String], environment: [String: String] = [:]) throws -> Refusals {
        do {
            _ = try configuration(flags, environment: environment)
            return Refusals()
        } catch let refusals as Refusals {
            return refusals
        }
    }

    /// A key and salt of equal bytes, as an operator writes it.
    static func key(_ suite: CryptoSuite, _ byte: UInt8) -> String {
        Base64.encode([UInt8](repeating: byte, count: suite.keySize + suite.saltSize))
    }

    static func id(_ text: String) throws -> SiteID {
        guard let id = SiteID(text) else { throw BadTest(text) }
        return id
    }

    struct BadTest: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}

/// A folder that goes away with its owner.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "mcu-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file in it; returns its path.
    func write(_ text: String, as name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }
}
