import JSON

/// The type of a field. All of these exist since OpenSearch 2.7.
enum FieldType {
    /// A name or code, found by its whole value; those longer than 1,024 characters are kept and not found, as in ECS.
    case keyword
    /// The same for values that are often longer. Lucene refuses terms above 32,766 bytes; 8,191 characters stay below in any
    /// language.
    case longKeyword
    /// Both a keyword and, as `NAME.text`, words.
    case keywordWithText
    case longKeywordWithText
    /// Words, of a text of any length.
    case text
    case ip, long, float, date, geoPoint, boolean
    /// The time of the event, which must be present and valid.
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

    /// The members of the field's mapping.
    fileprivate func writeMembers(to json: inout JSONWriter) {
        switch self {
        case .keyword: Self.writeKeyword(to: &json, charactersMax: 1_024)
        case .longKeyword: Self.writeKeyword(to: &json, charactersMax: 8_191)
        case .keywordWithText: Self.writeKeyword(to: &json, charactersMax: 1_024, hasText: true)
        case .longKeywordWithText: Self.writeKeyword(to: &json, charactersMax: 8_191, hasText: true)
        case .text:
            json.member("type", "text")
            json.member("norms", false)
        case .ip: json.member("type", "ip")
        case .long: json.member("type", "long")
        case .float: json.member("type", "float")
        case .date: json.member("type", "date")
        case .geoPoint: json.member("type", "geo_point")
        case .boolean: json.member("type", "boolean")
        case .timestamp:
            json.member("type", "date")
            json.member("ignore_malformed", false)
        case .notIndexed:
            json.member("type", "keyword")
            json.member("index", false)
            json.member("doc_values", false)
        case .flatObject: json.member("type", "flat_object")
        case .disabled:
            json.member("type", "object")
            json.member("enabled", false)
        case .nested(let name):
            json.member("type", "nested")
            json.member("include_in_root", true)
            json.member("properties", FieldTree(name, .keyword))
        }
    }

    private static func writeKeyword(to json: inout JSONWriter, charactersMax: Int, hasText: Bool = false) {
        json.member("type", "keyword")
        json.member("ignore_above", charactersMax)
        if hasText { json.object("fields") { $0.member("text", FieldType.text) } }
    }
}

extension FieldType: JSONWritable {
    /// The field's mapping.
    func write(to json: inout JSONWriter) { json.object(writeMembers) }
}

/// Fields as a tree of objects, as a mapping has them.
struct FieldTree {
    private var children: [(name: Substring, tree: FieldTree)] = []
    private var leaf: FieldType?
    /// Whether OpenSearch adds fields that it meets in this object.
    private var isDynamic = false

    init() {}

    init(_ path: String, _ type: FieldType) {
        add(path, type)
    }

    /// Adds fields by type; their names are separated by white space.
    mutating func add(_ fields: [(FieldType, String)], below parent: String = "") {
        for (type, names) in fields {
            for name in names.split(whereSeparator: \.isWhitespace) { add(parent + name, type) }
        }
    }

    /// Adds the field of this dotted name.
    mutating func add(_ path: String, _ type: FieldType) {
        change(path.split(separator: ".")[...]) { $0.leaf = type }
    }

    /// Lets OpenSearch add the fields that it meets in the object of this dotted name.
    mutating func makeDynamic(_ path: String) {
        change(path.split(separator: ".")[...]) { $0.isDynamic = true }
    }

    /// The fields, by their dotted names.
    var leaves: [(path: String, type: FieldType)] {
        children.flatMap { name, tree in
            tree.leaf.map { [(String(name), $0)] }
                ?? tree.leaves.map { (path: "\(name).\($0.path)", type: $0.type) }
        }
    }

    private mutating func change(_ path: ArraySlice<Substring>, _ change: (inout FieldTree) -> Void) {
        guard let name = path.first else { return change(&self) }
        let index: Int
        if let known = children.firstIndex(where: { $0.name == name }) {
            index = known
        } else {
            index = children.count
            children.append((name, FieldTree()))
        }
        children[index].tree.change(path.dropFirst(), change)
    }
}

extension FieldTree: JSONWritable {
    /// The value of `properties`.
    func write(to json: inout JSONWriter) {
        json.object { json in
            for (name, tree) in children {
                json.name(String(name))
                if let type = tree.leaf {
                    json.value(type)
                } else {
                    json.object {
                        $0.member("dynamic", tree.isDynamic); $0.member("properties", tree)
                    }
                }
            }
        }
    }
}
