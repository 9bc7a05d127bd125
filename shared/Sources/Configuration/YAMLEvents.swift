import CYaml

/// What libyaml reports, copied out of its memory.
enum YAMLEvent {
    case scalar(String, isPlain: Bool)
    case sequenceStart, sequenceEnd
    /// `isInBraces`: `{a: 1}`, not one key a line.
    case mappingStart(isInBraces: Bool)
    case mappingEnd
    case alias
    case documentStart, documentEnd
    case streamEnd
    case other
}

/// Where something stands in a YAML text.
struct YAMLPlace {
    /// Counted from 1.
    let line: Int
    /// Counted from 0.
    let column: Int
    /// In Unicode scalars, counted from 0; what stands in several lines may end with white space.
    let scalars: Range<Int>
}

/// A mistake in a YAML text.
struct YAMLError: Error {
    let line: Int
    let message: String
}

/// The events of one YAML text: the only owner of a libyaml parser.
final class YAMLEvents {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    /// libyaml reads from here until the end.
    private let text: UnsafeMutableBufferPointer<UInt8>

    init(_ bytes: [UInt8]) {
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        precondition(yaml_parser_initialize(parser) == 1, "no memory is left for a YAML parser")
        text = .allocate(capacity: bytes.count)
        _ = text.initialize(from: bytes)
        yaml_parser_set_input_string(parser, text.baseAddress, bytes.count)
    }

    deinit {
        yaml_parser_delete(parser)
        parser.deallocate()
        text.deallocate()
    }

    /// The next event, and where it stands.
    func next() throws(YAMLError) -> (event: YAMLEvent, place: YAMLPlace) {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else {
            let problem = parser.pointee.problem.map { String(cString: $0) } ?? "not YAML"
            throw YAMLError(line: Int(parser.pointee.problem_mark.line) + 1, message: problem)
        }
        defer { yaml_event_delete(&event) }
        let (start, end) = (event.start_mark, event.end_mark)
        let place = YAMLPlace(
            line: Int(start.line) + 1, column: Int(start.column),
            scalars: Int(start.index)..<max(Int(start.index), Int(end.index)))
        return (YAMLEvent(event), place)
    }
}

extension YAMLEvent {
    fileprivate init(_ event: yaml_event_t) {
        switch event.type {
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            let isPlain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            self = .scalar(String(decoding: bytes, as: UTF8.self), isPlain: isPlain)
        case YAML_SEQUENCE_START_EVENT: self = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: self = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            self = .mappingStart(isInBraces: event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE)
        case YAML_MAPPING_END_EVENT: self = .mappingEnd
        case YAML_ALIAS_EVENT: self = .alias
        case YAML_DOCUMENT_START_EVENT: self = .documentStart
        case YAML_DOCUMENT_END_EVENT: self = .documentEnd
        case YAML_STREAM_END_EVENT: self = .streamEnd
        default: self = .other
        }
    }
}
