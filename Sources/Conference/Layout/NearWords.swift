/// The words most like a mistyped one, for messages.
package enum NearWords {
    /// At most three of `words` that are within three edits of `word`, nearest first; of equals the earlier one.
    package static func of(_ word: String, in words: [String]) -> [String] {
        // Longer texts are no slips of the finger, and the distance is quadratic.
        guard word.utf8.count <= 32 else { return [] }
        return words.enumerated()
            .map { (distance: distance(word, $0.element), index: $0.offset, word: $0.element) }
            .filter { $0.distance <= 3 && $0.distance < max(word.utf8.count, $0.word.utf8.count) }
            .sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
            .prefix(3)
            .map(\.word)
    }

    /// The insertions, deletions and replacements of bytes that make one of the other (Levenshtein).
    private static func distance(_ a: String, _ b: String) -> Int {
        let b = Array(b.utf8)
        var row = Array(0...b.count)
        for (i, byte) in a.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let replaced = diagonal + (byte == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
