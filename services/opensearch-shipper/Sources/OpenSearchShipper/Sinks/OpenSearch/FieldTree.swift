/// What OpenSearch makes of a field. All of these exist since OpenSearch 2.7.
enum FieldType {
    /// A name or code, found by its whole value; longer ones than 1,024 characters are kept and not found, as in ECS.
    case keyword
    /// The same for what is often longer. Lucene refuses terms above 32,766 bytes; 8,191 characters stay below in any
    /// language.
    case longKeyword
    /// Both a keyword and, as `NAME.text`, words.
    case keywordWithText
    case longKeywordWithText
    /// Words, of a text of any length.
    case text
    case ip, long, float, date, geoPoint, boolean
    /// The time of the event, which must be there and be a time.
    case timestamp
    /// Kept and not indexed, such as raw bytes.
    case notIndexed
    /// An object with keys that nobody knows beforehand: one field for all of it, with each value found under its name
    /// as a keyword.
    case flatObject
    /// An object that is kept and not even looked into.
    case disabled
    /// Objects that are each found by themselves, and together as those of an ordinary object; with one keyword.
    case nested(String)

    /// The field's mapping.
    var mapping: String {
        switch self {
        case .keyword: #"{"type":"keyword","ignore_above":1024}"#
        case .longKeyword: #"{"type":"keyword","ignore_above":8191}"#
        case .keywordWithText: #"{"type":"keyword","ignore_above":1024,"fields":{"text":\#(Self.text.mapping)}}"#
        case .longKeywordWithText: #"{"type":"keyword","ignore_above":8191,"fields":{"text":\#(Self.text.mapping)}}"#
        case .text: #"{"type":"text","norms":false}"#
        case .ip: #"{"type":"ip"}"#
        case .long: #"{"type":"long"}"#
        case .float: #"{"type":"float"}"#
        case .date: #"{"type":"date"}"#
        case .geoPoint: #"{"type":"geo_point"}"#
        case .boolean: #"{"type":"boolean"}"#
        case .timestamp: #"{"type":"date","ignore_malformed":false}"#
        case .notIndexed: #"{"type":"keyword","index":false,"doc_values":false}"#
        case .flatObject: #"{"type":"flat_object"}"#
        case .disabled: #"{"type":"object","enabled":false}"#
        case .nested(let name):
            #"{"type":"nested","include_in_root":true,"properties":\#(FieldTree(name, .keyword).json)}"#
        }
    }
}

/// Fields as a tree of objects, which is how a mapping names them.
struct FieldTree {
    private var children: [(name: Substring, tree: FieldTree)] = []
    private var leaf: FieldType?

    init() {}

    init(_ path: String, _ type: FieldType) {
        add(path, type)
    }

    /// Adds fields whose names stand apart by white space, type by type.
    mutating func add(_ fields: [(FieldType, String)], below parent: String = "") {
        for (type, names) in fields {
            for name in names.split(whereSeparator: \.isWhitespace) { add(parent + name, type) }
        }
    }

    /// Adds the field of this dotted name.
    mutating func add(_ path: String, _ type: FieldType) {
        add(path.split(separator: "."), type)
    }

    private mutating func add(_ path: [Substring], _ type: FieldType) {
        guard let name = path.first else {
            leaf = type
            return
        }
        let index: Int
        if let known = children.firstIndex(where: { $0.name == name }) {
            index = known
        } else {
            index = children.count
            children.append((name, FieldTree()))
        }
        children[index].tree.add(Array(path.dropFirst()), type)
    }

    /// The members of `properties`.
    var json: String {
        let members = children.map { name, tree in
            "\"\(name)\":" + (tree.leaf?.mapping ?? "{\"dynamic\":false,\"properties\":\(tree.json)}")
        }
        return "{" + members.joined(separator: ",") + "}"
    }
}
