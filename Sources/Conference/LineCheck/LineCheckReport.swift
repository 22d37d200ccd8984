/// What a line check found, site by site.
package struct LineCheckReport: Codable, Hashable, Sendable {
    package struct Place: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
        package var grade: Grade
        /// All of it in one line: `Gia Bình: mất gói 6 %, hình đứng 2 s: kiểm tra đường truyền`.
        package var summary: Words
        package var reasons: [LineReason]
        package var measurement: LineMeasurement

        package init(id: String, name: String, measurement: LineMeasurement) {
            let assessment = LineAssessment(measurement)
            self.id = id
            self.name = name
            self.measurement = measurement
            grade = assessment.grade
            reasons = assessment.reasons
            summary = Words(
                Self.line(name, reasons, \.vietnamese, good: "tốt"), Self.line(name, reasons, \.english, good: "good"))
        }

        /// What is wrong, then what to do, each advice once.
        private static func line(
            _ name: String, _ reasons: [LineReason], _ language: KeyPath<Words, String>, good: String
        ) -> String {
            guard !reasons.isEmpty else { return "\(name): \(good)" }
            var advice: [String] = []
            for reason in reasons where !advice.contains(reason.advice[keyPath: language]) {
                advice.append(reason.advice[keyPath: language])
            }
            let faults = reasons.map { $0.words[keyPath: language] }.joined(separator: ", ")
            return "\(name): \(faults): \(advice.joined(separator: "; "))"
        }
    }

    /// How long it took.
    package var seconds: Double
    /// Whether it ran to its end: `false` while it runs, and if it was stopped.
    package var isComplete: Bool
    /// In the operator's order.
    package var places: [Place]

    package init(seconds: Double, isComplete: Bool, places: [Place]) {
        self.seconds = seconds
        self.isComplete = isComplete
        self.places = places
    }

    /// Of the worst site.
    package var grade: Grade { places.map(\.grade).max() ?? .good }

    /// How many sites are so.
    package func count(_ grade: Grade) -> Int { places.lazy.filter { $0.grade == grade }.count }

    private enum CodingKeys: String, CodingKey {
        case seconds, places
        case isComplete = "complete"
    }
}
