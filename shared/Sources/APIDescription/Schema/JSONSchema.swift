public import JSON

/// What a JSON value looks like; a part of JSON Schema, as OpenAPI 3.1 has it.
public indirect enum JSONSchema: Sendable, Equatable {
    /// A member of an object.
    public struct Member: Sendable, Equatable {
        let name: String
        let schema: JSONSchema
        let isRequired: Bool

        /// A required member.
        public static func required(_ name: String, _ schema: JSONSchema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        /// An optional member.
        public static func optional(_ name: String, _ schema: JSONSchema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// Any value.
    case any
    case boolean
    case number
    /// A whole number within these bounds; `Int.min` and `Int.max` mean none.
    case integer(ClosedRange<Int> = Int.min...Int.max)
    /// A text of at most so many bytes; `format` names its kind, such as `date-time`.
    case text(bytesMax: Int? = nil, format: String? = nil)
    /// One of these texts.
    case choice([String])
    case array(of: JSONSchema, countMax: Int? = nil)
    /// An object; `isOpen` allows members that are not listed.
    case object([Member], isOpen: Bool = false)
    /// An object whose names are data, with all values of one schema.
    case dictionary(of: JSONSchema)
    /// A value of this schema, or null.
    case nullable(JSONSchema)
    /// A schema with a name of its own, which may be used in several places.
    case named(String, JSONSchema)
}

extension JSONSchema: JSONWritable {
    /// Writes it as JSON Schema; named ones as references to `#/components/schemas`.
    public func write(to writer: inout JSONWriter) {
        if case .nullable(let schema) = self {
            return writer.object { object in
                object.array("anyOf") { anyOf in
                    anyOf.value(schema)
                    anyOf.object { $0.member("type", "null") }
                }
            }
        }
        writer.object(writeMembers(to:))
    }

    private func writeMembers(to object: inout JSONWriter) {
        switch self {
        case .any, .nullable: break
        case .boolean: object.member("type", "boolean")
        case .number: object.member("type", "number")
        case .integer(let bounds):
            object.member("type", "integer")
            if bounds.lowerBound != .min { object.member("minimum", bounds.lowerBound) }
            if bounds.upperBound != .max { object.member("maximum", bounds.upperBound) }
        case .text(let bytesMax, let format):
            object.member("type", "string")
            if let bytesMax { object.member("maxLength", bytesMax) }
            if let format { object.member("format", format) }
        case .choice(let texts):
            object.member("type", "string")
            object.member("enum", texts)
        case .array(let element, let countMax):
            object.member("type", "array")
            object.member("items", element)
            if let countMax { object.member("maxItems", countMax) }
        case .object(let members, let isOpen):
            object.member("type", "object")
            object.object("properties") { properties in
                for member in members { properties.member(member.name, member.schema) }
            }
            let required = members.filter(\.isRequired).map(\.name)
            if !required.isEmpty { object.member("required", required) }
            if !isOpen { object.member("additionalProperties", false) }
        case .dictionary(let value):
            object.member("type", "object")
            object.member("additionalProperties", value)
        case .named(let name, _): object.member("$ref", "#/components/schemas/\(name)")
        }
    }

    /// All named schemas within it, by name.
    var named: [String: JSONSchema] {
        switch self {
        case .named(let name, let schema): schema.named.merging([name: schema]) { first, _ in first }
        case .array(let schema, _), .dictionary(let schema), .nullable(let schema): schema.named
        case .object(let members, _):
            members.reduce(into: [:]) { $0.merge($1.schema.named) { first, _ in first } }
        default: [:]
        }
    }
}
