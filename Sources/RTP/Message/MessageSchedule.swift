import Media

/// When which segment of our own message leaves: at once when it is another one, and again now and then, since any may be
/// lost and a peer may join late.
struct MessageSchedule {
    /// The least time between two messages.
    static let changePause = Interval.milliseconds(100)
    /// A message is sent again so long after the last time.
    static let repeatPause = Interval.milliseconds(500)
    /// What sending again may take: longer messages come more rarely.
    static let bytesPerSecond = 12_500

    private(set) var message: [UInt8] = []
    private var revision: UInt32
    /// The next segment of the round that has begun.
    private var index = 0
    private var roundStart: Instant?
    /// When the next segment leaves.
    private(set) var deadline = Instant.distantFuture

    /// - Parameter revision: the first message's is the one after it; random, so that one who begins anew is not taken for
    ///   the one before.
    init(revision: UInt32) { self.revision = revision }

    /// Sets what is sent from now on; an empty one is not.
    /// - Precondition: it is no longer than `MessageSegment.largestMessage`.
    mutating func set(_ message: [UInt8]) {
        guard message != self.message else { return }
        self.message = message
        revision &+= 1
        index = 0
        deadline = message.isEmpty ? .distantFuture : roundStart.map { $0 + Self.changePause } ?? .zero
    }

    /// The segment that leaves now, if one does.
    /// - Parameter room: for data in an APP packet.
    mutating func next(room: Int, at now: Instant) -> MessageSegment? {
        guard now >= deadline else { return nil }
        let count = MessageSegment.count(length: message.count, room: room)
        if index == 0 { roundStart = now }
        let segment = MessageSegment(revision: revision, index: index, count: count, length: message.count)
        index += 1
        if index >= count {
            index = 0
            let byRate = Interval(nanoseconds: Int64(message.count) * 1_000_000_000 / Int64(Self.bytesPerSecond))
            deadline = (roundStart ?? now) + max(Self.repeatPause, byRate)
        }
        return segment
    }
}
