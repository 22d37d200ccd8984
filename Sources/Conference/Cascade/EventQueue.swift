/// Events until they are asked for; of too many the latest are lost, and counted.
struct EventQueue: Sendable {
    static let capacity = 256

    private var events: [CascadeEvent] = []
    private(set) var lost = 0

    mutating func append(_ event: CascadeEvent) {
        if events.count < Self.capacity { events.append(event) } else { lost += 1 }
    }

    mutating func next() -> CascadeEvent? { events.isEmpty ? nil : events.removeFirst() }
}
