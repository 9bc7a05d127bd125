/// How the text of a parameter becomes a value.
public struct ParameterForm<Value: Sendable>: Sendable {
    /// Its schema in the OpenAPI document.
    public let schema: JSONSchema
    /// The value, or nil when the text is not valid.
    let parse: @Sendable (String) -> Value?

    /// A custom form.
    public init(_ schema: JSONSchema, parse: @escaping @Sendable (String) -> Value?) {
        self.schema = schema
        self.parse = parse
    }

    /// An optional one, which is nil when it is left out.
    public var optional: ParameterForm<Value?> {
        ParameterForm<Value?>(schema) { [parse] text in parse(text).map(Optional.some) }
    }
}

extension ParameterForm where Value == Int {
    /// A whole number.
    public static func integer(_ bounds: ClosedRange<Int> = Int.min...Int.max) -> ParameterForm {
        ParameterForm(.integer(bounds)) { text in Int(text).flatMap { bounds.contains($0) ? $0 : nil } }
    }
}

extension ParameterForm where Value == String {
    /// A non-empty text.
    public static func text(bytesMax: Int = 1024, format: String? = nil) -> ParameterForm {
        ParameterForm(.text(bytesMax: bytesMax, format: format)) { text in
            text.isEmpty || text.utf8.count > bytesMax ? nil : text
        }
    }
}

extension ParameterForm where Value == Bool {
    /// `true` or `false`.
    public static var boolean: ParameterForm {
        ParameterForm(.boolean) { Bool($0) }
    }
}

extension ParameterForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of the cases.
    public static var choice: ParameterForm {
        ParameterForm(.choice(Value.allCases.map(\.rawValue))) { Value(rawValue: $0) }
    }
}
