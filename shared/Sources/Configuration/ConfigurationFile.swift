import Files

/// The keys of a `config.yaml`, still untyped, with the lines on which they stand.
public struct ConfigurationFile: Sendable {
    /// Larger files are refused.
    public static let bytesMax = 1 << 20
    /// Sections within sections beyond this are refused; the keys themselves need two levels.
    static let nestingMax = 8

    struct Entry: Sendable {
        let line: Int
        /// The items of a sequence are joined by commas.
        let text: String
        let isSequence: Bool
    }

    /// A value as it stands in the text, also one that does not count because it is the second of its name.
    struct Value: Sendable {
        let name: String
        let text: String
        /// Where its key begins.
        let keyScalar: Int
        let keyColumn: Int
        let line: Int
        /// Where the value stands, in Unicode scalars.
        let scalars: Range<Int>
        /// Whether its section is written as `{key: value}`.
        let isInBraces: Bool
    }

    /// Where the file is.
    public let path: String
    private(set) var entries: [String: Entry] = [:]
    /// In the order of the text.
    private(set) var values: [Value] = []
    /// Sections without a key, with the Unicode scalar at which their names begin.
    private(set) var emptySections: [String: Int] = [:]
    /// Whether the text is YAML to its end.
    private(set) var isWhole = true
    /// What is wrong with the file itself.
    private(set) var problems: [ConfigurationError] = []

    /// Reads a file. Mistakes do not throw, so that they can be told together with all others.
    public init(path: String) {
        self.path = path
        do throws(FileError) {
            parse(try OpenFile(path).content(bytesMax: Self.bytesMax))
        } catch {
            problems.append(ConfigurationError("the configuration file \(error)", cause: error))
            isWhole = false
        }
    }

    /// Reads a text that stood at `path`.
    public init(path: String, bytes: [UInt8]) {
        self.path = path
        parse(bytes)
    }

    private mutating func parse(_ bytes: [UInt8]) {
        do throws(YAMLError) {
            try read(YAMLEvents(bytes))
        } catch {
            problems.append(ConfigurationError(error.message, at: .file(path: path, line: error.line), cause: error))
            isWhole = false
        }
    }

    private mutating func report(_ message: String, line: Int) {
        problems.append(ConfigurationError(message, at: .file(path: path, line: line)))
    }

    private mutating func read(_ events: YAMLEvents) throws(YAMLError) {
        var documents = 0
        while true {
            let (event, place) = try events.next()
            switch event {
            case .streamEnd: return
            case .documentStart:
                documents += 1
                if documents > 1 { throw YAMLError(line: place.line, message: "only one YAML document is read") }
            case .mappingStart(let isInBraces):
                try readMapping(events, section: "", depth: 1, isInBraces: isInBraces)
            case .scalar(let text, isPlain: true) where text.isEmpty: break
            case .scalar, .sequenceStart, .alias:
                throw YAMLError(line: place.line, message: "the file must hold sections with keys, as `redis:`")
            default: break
            }
        }
    }

    private mutating func readMapping(
        _ events: YAMLEvents, section: String, depth: Int, isInBraces: Bool
    ) throws(YAMLError) {
        while true {
            let (event, place) = try events.next()
            switch event {
            case .mappingEnd: return
            case .scalar(let key, _):
                try readValue(
                    events, name: section.isEmpty ? key : section + "." + key, key: place, depth: depth,
                    isInBraces: isInBraces)
            default: throw YAMLError(line: place.line, message: "a key must be a plain word")
            }
        }
    }

    private mutating func readValue(
        _ events: YAMLEvents, name: String, key: YAMLPlace, depth: Int, isInBraces: Bool
    ) throws(YAMLError) {
        let (event, place) = try events.next()
        var (text, scalars, isSequence) = ("", place.scalars, false)
        switch event {
        case .scalar(let value, let isPlain):
            // An empty section, as when all of its keys are commented out, says nothing.
            if isPlain && (value.isEmpty || value == "~" || value == "null") {
                if depth > 1 { report("\(name) has no value; write `\"\"` for an empty text", line: key.line) }
                if value.isEmpty, !isInBraces { emptySections[name] = key.scalars.lowerBound }
                return
            }
            text = value
        case .sequenceStart:
            let end: Int
            (text, end) = try readItems(events, name: name)
            (scalars, isSequence) = (place.scalars.lowerBound..<max(end, place.scalars.upperBound), true)
        case .mappingStart(let isInBraces):
            guard depth < Self.nestingMax else {
                throw YAMLError(line: place.line, message: "sections are nested deeper than \(Self.nestingMax) levels")
            }
            return try readMapping(events, section: name, depth: depth + 1, isInBraces: isInBraces)
        case .alias:
            throw YAMLError(line: place.line, message: "aliases (`*name`) are not supported; write the value out")
        default:
            throw YAMLError(line: place.line, message: "\(name) has no value")
        }
        values.append(
            Value(
                name: name, text: text, keyScalar: key.scalars.lowerBound, keyColumn: key.column, line: key.line,
                scalars: scalars, isInBraces: isInBraces))
        add(name, Entry(line: key.line, text: text, isSequence: isSequence))
    }

    /// The items, joined by commas, and where they end.
    private func readItems(_ events: YAMLEvents, name: String) throws(YAMLError) -> (text: String, end: Int) {
        var items: [String] = []
        var end = 0
        while true {
            let (event, place) = try events.next()
            switch event {
            case .sequenceEnd:
                // Without brackets it ends where the next thing begins.
                let hasBracket = !place.scalars.isEmpty
                return (items.joined(separator: ","), hasBracket ? place.scalars.upperBound : end)
            case .scalar(let text, _) where !text.contains(","):
                items.append(text)
                end = place.scalars.upperBound
            case .mappingStart:
                let item = try readParts(events, name: name)
                items.append(item.text)
                end = item.end
            default: throw YAMLError(line: place.line, message: "\(name) takes a list of plain words")
            }
        }
    }

    /// An item with several parts, as `ItemParts` writes it, and where it ends.
    private func readParts(_ events: YAMLEvents, name: String) throws(YAMLError) -> (text: String, end: Int) {
        var parts: [String] = []
        var end = 0
        while true {
            let (event, place) = try events.next()
            switch event {
            case .mappingEnd:
                // Without braces it ends where the next thing begins.
                return (parts.joined(separator: " "), place.scalars.isEmpty ? end : place.scalars.upperBound)
            case .scalar(let key, _):
                let (value, valuePlace) = try events.next()
                guard case .scalar(let text, _) = value, !text.contains(where: { ", ".contains($0) }) else {
                    throw YAMLError(
                        line: valuePlace.line, message: "\(key) of an item of \(name) takes a plain word")
                }
                parts.append("\(key)=\(text)")
                end = valuePlace.scalars.upperBound
            default: throw YAMLError(line: place.line, message: "a key must be a plain word")
            }
        }
    }

    private mutating func add(_ name: String, _ entry: Entry) {
        if let first = entries[name] {
            report("\(name) stands here for the second time; it is set on line \(first.line) already", line: entry.line)
        } else {
            entries[name] = entry
        }
    }
}
