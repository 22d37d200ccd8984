import Media

/// Datagrams under way, the earliest first; those of one instant in the order they were put in. A heap, since a line
/// that stands still for seconds holds thousands.
struct DeliveryQueue {
    private struct Entry {
        var number: UInt64
        var delivery: VirtualNetwork.Delivery

        func precedes(_ other: Entry) -> Bool {
            delivery.arrival == other.delivery.arrival
                ? number < other.number : delivery.arrival < other.delivery.arrival
        }
    }

    private var entries: [Entry] = []
    private var count: UInt64 = 0

    var size: Int { entries.count }
    var first: VirtualNetwork.Delivery? { entries.first?.delivery }

    mutating func insert(_ delivery: VirtualNetwork.Delivery) {
        entries.append(Entry(number: count, delivery: delivery))
        count += 1
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].precedes(entries[parent]) else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeFirst() -> VirtualNetwork.Delivery? {
        guard let last = entries.popLast() else { return nil }
        guard let first = entries.first else { return last.delivery }
        entries[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in 2 * parent + 1...2 * parent + 2
            where child < entries.count && entries[child].precedes(entries[least]) { least = child }
            guard least != parent else { return first.delivery }
            entries.swapAt(parent, least)
            parent = least
        }
    }

    mutating func removeAll() { entries.removeAll(keepingCapacity: true) }
}
