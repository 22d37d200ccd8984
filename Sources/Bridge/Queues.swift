import Dispatch

/// The serial queues of the bridge, by what runs on them; those of cameras are `CameraQueue`s.
enum Queues {
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
