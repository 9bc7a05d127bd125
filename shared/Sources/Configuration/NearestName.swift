/// The one of the candidates that somebody who wrote `name` most likely meant.
///
/// - Returns: nil when none is near enough to be a slip of the finger.
public func nearestName(to name: String, among candidates: some Sequence<String>) -> String? {
    let word = Array(name.utf8.prefix(128))
    let distanceMax = max(2, word.count / 3)
    let nearest = candidates.map { (name: $0, distance: editDistance(word, Array($0.utf8))) }
        .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let nearest, nearest.distance <= distanceMax, nearest.distance < word.count else { return nil }
    return nearest.name
}

/// Insertions, deletions, replacements and exchanges of neighbours that turn one word into the other.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var twoBefore: [Int] = []
    var before = Array(0...second.count)
    for row in first.indices {
        var current = [row + 1]
        for column in second.indices {
            let replaced = before[column] + (first[row] == second[column] ? 0 : 1)
            var best = min(before[column + 1] + 1, current[column] + 1, replaced)
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                best = min(best, twoBefore[column - 1] + 1)
            }
            current.append(best)
        }
        (twoBefore, before) = (before, current)
    }
    return before[second.count]
}
