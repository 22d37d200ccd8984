import Glibc

/// Why a socket could not be made.
package enum TransportError: Error, CustomStringConvertible {
    case unknownHost(String, reason: String)
    /// `bind` refused: most often the port is taken.
    case cannotBind(String, code: Int32)
    case cannotOpen(code: Int32)
    /// SRTP could not be set up.
    case security(String)

    package var description: String {
        switch self {
        case .unknownHost(let host, let reason): "host '\(host)' can't be resolved: \(reason)"
        case .cannotBind(let address, EADDRINUSE):
            "UDP port \(address) is taken by another process; expected a free one"
        case .cannotBind(let address, let code):
            "UDP port \(address) can't be bound: \(String(cString: strerror(code)))"
        case .security(let reason): "SRTP can't be set up: \(reason)"
        case .cannotOpen(let code): "a UDP socket can't be opened: \(String(cString: strerror(code)))"
        }
    }
}
