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

    /// Where the file is.
    public let path: String
    private(set) var entries: [String: Entry] = [:]
    /// What is wrong with the file itself.
    private(set) var problems: [ConfigurationError] = []

    /// Reads a file. Mistakes do not throw, so that they can be told together with all others.
    public init(path: String) {
        self.path = path
        do throws(FileError) {
            parse(try OpenFile(path).content(bytesMax: Self.bytesMax))
        } catch {
            problems.append(ConfigurationError("the configuration file \(error)", cause: error))
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
        }
    }

    private mutating func report(_ message: String, line: Int) {
        problems.append(ConfigurationError(message, at: .file(path: path, line: line)))
    }

    private mutating func read(_ events: YAMLEvents) throws(YAMLError) {
        var documents = 0
        while true {
            let (event, line) = try events.next()
            switch event {
            case .streamEnd: return
            case .documentStart:
                documents += 1
                if documents > 1 { throw YAMLError(line: line, message: "only one YAML document is read") }
            case .mappingStart: try readMapping(events, section: "", depth: 1)
            case .scalar(let text, isPlain: true) where text.isEmpty: break
            case .scalar, .sequenceStart, .alias:
                throw YAMLError(line: line, message: "the file must hold sections with keys, as `redis:`")
            default: break
            }
        }
    }

    private mutating func readMapping(_ events: YAMLEvents, section: String, depth: Int) throws(YAMLError) {
        while true {
            let (event, line) = try events.next()
            switch event {
            case .mappingEnd: return
            case .scalar(let key, _):
                try readValue(events, name: section.isEmpty ? key : section + "." + key, line: line, depth: depth)
            default: throw YAMLError(line: line, message: "a key must be a plain word")
            }
        }
    }

    private mutating func readValue(
        _ events: YAMLEvents, name: String, line: Int, depth: Int
    ) throws(YAMLError) {
        let (event, valueLine) = try events.next()
        switch event {
        case .scalar(let text, let isPlain):
            // An empty section, as when all of its keys are commented out, says nothing.
            if isPlain && (text.isEmpty || text == "~" || text == "null") {
                if depth > 1 { report("\(name) has no value; write `\"\"` for an empty text", line: line) }
                return
            }
            add(name, Entry(line: line, text: text, isSequence: false))
        case .sequenceStart:
            add(name, Entry(line: line, text: try readItems(events, name: name), isSequence: true))
        case .mappingStart:
            guard depth < Self.nestingMax else {
                throw YAMLError(line: valueLine, message: "sections are nested deeper than \(Self.nestingMax) levels")
            }
            try readMapping(events, section: name, depth: depth + 1)
        case .alias:
            throw YAMLError(line: valueLine, message: "aliases (`*name`) are not supported; write the value out")
        default:
            throw YAMLError(line: valueLine, message: "\(name) has no value")
        }
    }

    private func readItems(_ events: YAMLEvents, name: String) throws(YAMLError) -> String {
        var items: [String] = []
        while true {
            let (event, line) = try events.next()
            switch event {
            case .sequenceEnd: return items.joined(separator: ",")
            case .scalar(let text, _) where !text.contains(","): items.append(text)
            default: throw YAMLError(line: line, message: "\(name) takes a list of plain words")
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
