import Dispatch

/// The serial queues of the bridge, by what runs on them.
enum Queues {
    /// A site's camera: receive, reorder, depacketize, decode, one after the other. All cameras share a global queue: that
    /// bounds their threads to the cores, where a queue of its own would bring a thread each.
    static func video(_ site: String) -> DispatchQueue {
        DispatchQueue(label: "video.\(site)", target: .global(qos: .userInitiated))
    }

    /// An encode group: encode, packetize, send. A thread of its own: on an overloaded machine cameras always have more to
    /// decode, and in one pool with them the encoders would wait for ever.
    static func encode(_ group: String) -> DispatchQueue {
        DispatchQueue(label: "encode.\(group)", qos: .userInteractive)
    }

    /// All packets that their pacers held back.
    static let pace = DispatchQueue(label: "pace", qos: .userInteractive)

    /// All composing. A thread of its own for the same reason.
    static let compose = DispatchQueue(label: "compose", qos: .userInteractive)
}
