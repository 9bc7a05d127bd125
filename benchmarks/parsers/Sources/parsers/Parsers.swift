import CParsers
import JSON

/// The least that a mapping has to do, by the fastest parser there is.
func measureSimdjson(_ corpus: Corpus) {
    corpus.measure("simdjson DOM                   ") { parsers_simdjson_dom($0.characters, $0.count) }
}

/// Every parser over the same lines.
func compareParsers(_ corpus: Corpus) {
    var tree = JSONTree(seed: 1)
    corpus.measure("own scanner, tape              ") { line in
        guard (try? tree.parse(line)) != nil else { return .max }
        return UInt64(tree.count)
    }
    corpus.measure("own scanner, tape + walk       ") { line in
        guard let root = try? tree.parse(line) else { return .max }
        return visit(root)
    }
    measureSimdjson(corpus)
    corpus.measure("simdjson DOM + walk            ") { parsers_simdjson_dom_walk($0.characters, $0.count) }
    let tokens = UnsafeMutablePointer<parsers_token>.allocate(capacity: 1 << 20)
    corpus.measure("simdjson on demand, same tape  ") {
        parsers_simdjson_tape($0.characters, $0.count, tokens, 1 << 20)
    }
    if parsers_yyjson_walk("1", 1, 1) != .max - 1 {
        corpus.measure("yyjson                         ") { parsers_yyjson_walk($0.characters, $0.count, 0) }
        corpus.measure("yyjson + walk                  ") { parsers_yyjson_walk($0.characters, $0.count, 1) }
    }
}

extension UnsafeRawBufferPointer {
    var characters: UnsafePointer<CChar> { baseAddress!.assumingMemoryBound(to: CChar.self) }
}

private func visit(_ node: JSONNode) -> UInt64 {
    switch node.kind {
    case .object:
        var sum: UInt64 = 1
        for member in node.members { sum &+= UInt64(member.key.content.count) &+ visit(member.value) }
        return sum
    case .array:
        var sum: UInt64 = 1
        for element in node.elements { sum &+= visit(element) }
        return sum
    case .string: return UInt64(node.content.count)
    default: return 1
    }
}
