import Console
import Hummingbird
import Media
import Synchronization

/// Who may do what at the API, and how often.
final class Gate: Sendable {
    /// Somebody who was let in.
    struct Caller: Hashable, Sendable {
        /// As the audit log names him.
        var name: String
        var role: Role
        var address: String
    }

    // Guarded: held for a copy.
    private let access: Mutex<[Access]>
    // Guarded: held for a look.
    private let buckets = Mutex<[Bucket.Key: Bucket]>([:])
    private let now: @Sendable () -> Instant

    /// - Parameters:
    ///   - access: empty: whoever is on this machine is its administrator.
    ///   - now: the machine's clock.
    init(_ access: [Access], now: @escaping @Sendable () -> Instant) {
        self.access = Mutex(access)
        self.now = now
    }

    /// Who may come in by these settings.
    static func access(_ settings: ServerSettings) -> [Access] {
        let administrator = settings.token.map { [Access(name: "administrator", role: .administrator, token: $0)] }
        return (administrator ?? []) + settings.access
    }

    /// These and no others may come in from now on.
    func set(_ access: [Access]) { self.access.withLock { $0 = access } }

    /// Lets a request in.
    /// - Parameter role: the least that it takes.
    /// - Throws: 429 to who asks too often, 401 to a stranger, 403 to who may not.
    func admit(_ request: Request, from address: String, as role: Role) throws -> Caller {
        guard take(.requests, address) else {
            throw HTTPError(.tooManyRequests, message: "expected \(Bucket.requestsPerSecond) requests a second at most")
        }
        let caller = try caller(request, address)
        guard caller.role >= role else {
            throw HTTPError(
                .forbidden, message: "expected the role \(role.rawValue): \(caller.name) is \(caller.role.rawValue)")
        }
        return caller
    }

    private func caller(_ request: Request, _ address: String) throws -> Caller {
        let access = access.withLock { $0 }
        guard !access.isEmpty else {
            // Tokens may be taken away while the port is still open to the network.
            guard HostName.isOfThisMachine(address) else {
                throw HTTPError(.forbidden, message: "expected a caller on this machine: nobody has a token")
            }
            // A page that gave its own name our address would be of one origin with us: it comes with that name.
            let host = request.head.authority.map { Substring($0).prefix { $0 != ":" } } ?? ""
            guard ["127.0.0.1", "localhost"].contains(host) else {
                throw HTTPError(.forbidden, message: "expected Host: 127.0.0.1 or localhost, or a token")
            }
            return Caller(name: "local", role: .administrator, address: address)
        }
        let given = request.headers[.authorization] ?? ""
        // Each is compared: how many there are, and which one it was, must not show.
        var found: Access?
        for entry in access where Self.isEqual(given, "Bearer \(entry.token)") { found = entry }
        if let found { return Caller(name: found.name, role: found.role, address: address) }
        guard take(.failures, address) else {
            throw HTTPError(.tooManyRequests, message: "too many wrong tokens: wait a minute")
        }
        throw HTTPError(.unauthorized, message: "expected Authorization: Bearer TOKEN")
    }

    private func take(_ kind: Bucket.Kind, _ address: String) -> Bool {
        let now = now()
        return buckets.withLock { buckets in
            // Strangers without number push each other out, not those who are known.
            if buckets.count >= Bucket.limit { buckets = buckets.filter { !$0.value.isFull(at: now) } }
            if buckets.count >= Bucket.limit { buckets.removeAll() }
            return buckets[Bucket.Key(kind: kind, address: address), default: Bucket(kind, at: now)].take(at: now)
        }
    }

    /// Takes as long for any two texts of a length: how much of a token was right must not show.
    private static func isEqual(_ a: String, _ b: String) -> Bool {
        let (a, b) = (Array(a.utf8), Array(b.utf8))
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// A token bucket of one address.
private struct Bucket: Sendable {
    enum Kind: Hashable, Sendable { case requests, failures }
    struct Key: Hashable, Sendable {
        var kind: Kind
        var address: String
    }

    static let limit = 4096
    /// Thumbnails of 40 sites a second, and the rest of a page.
    static let requestsPerSecond = 60

    private let capacity: Double
    private let rate: Double
    private var level: Double
    private var filledAt: Instant

    init(_ kind: Kind, at now: Instant) {
        (capacity, rate) = kind == .requests ? (200, Double(Self.requestsPerSecond)) : (10, 1.0 / 6)
        level = capacity
        filledAt = now
    }

    mutating func take(at now: Instant) -> Bool {
        level = min(capacity, level + rate * (now - filledAt).seconds)
        filledAt = now
        guard level >= 1 else { return false }
        level -= 1
        return true
    }

    func isFull(at now: Instant) -> Bool { level + rate * (now - filledAt).seconds >= capacity }
}
