/// One thing in a plan that can't be run, in words for the operator.
package struct PlanProblem: Hashable, Sendable, CustomStringConvertible {
    /// What it is about: `site gia-binh: video`.
    package let subject: String
    /// What was asked for.
    package let value: String
    /// What could be.
    package let expected: String

    package init(_ subject: String, value: String, expected: String) {
        self.subject = subject
        self.value = value
        self.expected = expected
    }

    package var description: String { "\(subject): \(value): expected \(expected)" }
}
