import Dispatch

/// The serial queues of the bridge, by what runs on them. Each one targets a global queue: that bounds the threads to
/// the cores, where a serial queue of its own would bring a thread each.
enum Queues {
    /// A site's camera: receive, reorder, depacketize, decode, one after the other.
    static func video(_ site: String) -> DispatchQueue {
        DispatchQueue(label: "video.\(site)", target: .global(qos: .userInitiated))
    }

    /// An encode group: encode, packetize, send.
    static func encode(_ group: String) -> DispatchQueue {
        DispatchQueue(label: "encode.\(group)", target: .global(qos: .userInitiated))
    }

    /// All composing. A thread of its own, so that no decoder or encoder holds up a tick.
    static let compose = DispatchQueue(label: "compose", qos: .userInteractive)
}
