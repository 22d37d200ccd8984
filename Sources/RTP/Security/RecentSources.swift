/// The streams that an `SRTPContext` has state for, the one heard last in front. There is room for so many, made once.
struct RecentSources {
    struct Entry {
        var ssrc: UInt32
        /// RTP packets with this SSRC that failed since the last one that did not.
        var failures = 0
    }

    private var entries: [Entry] = []
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        entries.reserveCapacity(capacity)
    }

    var isFull: Bool { entries.count == capacity }
    var count: Int { entries.count }

    func contains(_ ssrc: UInt32) -> Bool { entries.contains { $0.ssrc == ssrc } }

    /// A packet of a stream that is held passed: it comes to the front.
    mutating func passed(_ ssrc: UInt32) {
        guard let index = entries.firstIndex(where: { $0.ssrc == ssrc }) else { return }
        var moving = index
        while moving > 0 {
            entries.swapAt(moving, moving - 1)
            moving -= 1
        }
        entries[0].failures = 0
    }

    /// A packet with this SSRC failed. Returns how many did so in a row; `nil` if the stream isn't held. It does not come
    /// to the front: anyone can write an SSRC.
    mutating func failed(_ ssrc: UInt32) -> Int? {
        guard let index = entries.firstIndex(where: { $0.ssrc == ssrc }) else { return nil }
        entries[index].failures &+= 1
        return entries[index].failures
    }

    /// Puts a new stream in front. Returns the one that had to go for it: that heard least recently.
    mutating func insert(_ ssrc: UInt32) -> UInt32? {
        let removed = isFull ? entries.removeLast().ssrc : nil
        entries.insert(Entry(ssrc: ssrc), at: 0)
        return removed
    }
}
