/// The word that was probably meant.
enum Proposal {
    /// The nearest of some words: one that begins with the word, or that at most two slips make of it; nil when none is near.
    static func nearest(to word: String, among words: some Sequence<String>) -> String? {
        let allowed = word.utf8.count > 3 ? 2 : 1
        var best: (word: String, distance: Int)?
        for candidate in words {
            let distance = distance(Array(word.utf8), Array(candidate.utf8), atMost: allowed)
            if distance <= allowed, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        if let best { return best.word }
        return word.utf8.count < 2 ? nil : words.first { $0.hasPrefix(word) }
    }

    /// How many letters must be put in, left out, replaced or swapped with their neighbour; more than `bound` is `bound + 1`.
    private static func distance(_ left: [UInt8], _ right: [UInt8], atMost bound: Int) -> Int {
        guard abs(left.count - right.count) <= bound, left.count <= 64 else { return bound + 1 }
        var before: [Int] = []
        var row = Array(0...right.count)
        for i in 0..<left.count {
            var next = [i + 1]
            for j in 0..<right.count {
                var cost = min(row[j] + (left[i] == right[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, before[j - 1] + 1)
                }
                next.append(cost)
            }
            before = row
            row = next
        }
        return row[right.count]
    }
}
