/// One of the two lines that a site's stream comes by, and goes out on (SMPTE ST 2022-7).
package enum Line: Int, Hashable, Sendable, CaseIterable {
    case first
    case second

    package var other: Line { self == .first ? .second : .first }
}

/// What became of a line, for the log.
package enum LineEvent: Hashable, Sendable {
    /// Nothing came by it for `LineMerger.silence`.
    case dead(Line)
    /// It brings packets: for the first time, or again.
    case alive(Line)
}

/// A value for each line.
package struct PerLine<Value> {
    package var first: Value
    package var second: Value

    package init(first: Value, second: Value) {
        self.first = first
        self.second = second
    }

    package init(repeating value: Value) {
        first = value
        second = value
    }

    package subscript(line: Line) -> Value {
        get { line == .first ? first : second }
        set {
            switch line {
            case .first: first = newValue
            case .second: second = newValue
            }
        }
    }
}

extension PerLine: Equatable where Value: Equatable {}
extension PerLine: Sendable where Value: Sendable {}
