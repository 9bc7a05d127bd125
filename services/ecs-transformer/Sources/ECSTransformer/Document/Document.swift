/// The document that is being made of one event: a value for each field that is set, held as a piece of finished JSON.
///
/// Values are not copied: they lie in the event's line, in the arena or among the constants until the document is
/// written. A scalar field keeps the first value that it is given; an array field keeps all of them, each once.
struct Document: ~Copyable {
    /// One piece of JSON, quoted when it is written if it is text.
    struct Value {
        var bytes: UnsafePointer<UInt8>
        var count: UInt32
        var isText: Bool
    }

    /// One element of an array field, and where the next one is.
    struct Element {
        var value: Value
        var next: Int32
    }

    /// The elements of an array field, as positions among all elements of the document.
    struct Chain {
        var first: Int32
        var last: Int32
        var count: Int32
    }

    /// The most elements of one array field. Each new one is compared with all before it, which stays cheap below this.
    static let elementsMax = 1024

    /// Memory of the texts that the mapping makes.
    var arena = ByteArena()

    let values: UnsafeMutablePointer<Value>
    let chains: UnsafeMutablePointer<Chain>
    /// One bit for each field that is set.
    let isSet: UnsafeMutablePointer<UInt64>
    let wordCount: Int
    private(set) var elements: UnsafeMutablePointer<Element>
    private var elementCapacity = 256
    private var elementCount = 0
    /// Bytes of all values together, with quotes and commas.
    private(set) var valueBytes = 0

    init() {
        let none: StaticString = ""
        let empty = Value(bytes: none.utf8Start, count: 0, isText: false)
        values = .allocate(capacity: ECSField.count)
        values.initialize(repeating: empty, count: ECSField.count)
        chains = .allocate(capacity: ECSField.count)
        chains.initialize(repeating: Chain(first: 0, last: 0, count: 0), count: ECSField.count)
        wordCount = (ECSField.count + 63) / 64
        isSet = .allocate(capacity: wordCount)
        isSet.initialize(repeating: 0, count: wordCount)
        elements = .allocate(capacity: elementCapacity)
    }

    deinit {
        values.deallocate()
        chains.deallocate()
        isSet.deallocate()
        elements.deallocate()
    }

    /// Makes the document empty.
    mutating func reset() {
        for word in 0..<wordCount { isSet[word] = 0 }
        elementCount = 0
        valueBytes = 0
        arena.reset()
    }

    /// Whether the field has a value.
    @inline(__always)
    func has(_ field: ECSField) -> Bool { isSet[field.slot &>> 6] & 1 &<< UInt64(field.slot & 63) != 0 }

    /// Sets a scalar field to a finished piece of JSON, unless it has a value.
    @inline(__always)
    mutating func set(_ field: ECSField, json: EncodedText) { set(field, json, isText: false) }

    /// Sets a scalar field to a text, unless it has a value or the text is empty.
    @inline(__always)
    mutating func set(_ field: ECSField, _ text: EncodedText) {
        if !text.isEmpty { set(field, text, isText: true) }
    }

    /// Sets a scalar field to a constant text, unless it has a value.
    @inline(__always)
    mutating func set(_ field: ECSField, _ constant: StaticString) { set(field, EncodedText(constant)) }

    /// Sets a scalar field to an integer, unless it has a value.
    mutating func set(_ field: ECSField, integer: Int64) { set(field, json: digits(of: integer)) }

    /// Sets a scalar field to a boolean, unless it has a value.
    mutating func set(_ field: ECSField, boolean: Bool) { set(field, json: EncodedText(boolean ? "true" : "false")) }

    /// Gives an array field one more text, unless it has it already, or the text is empty.
    @inline(__always)
    mutating func append(_ field: ECSField, _ text: EncodedText) {
        guard !text.isEmpty else { return }
        if has(field) {
            let chain = chains[field.slot]
            guard chain.count < Self.elementsMax else { return }
            var index = chain.first
            while index >= 0 {
                let element = elements[Int(index)]
                if EncodedText(element.value.bytes, count: Int(element.value.count)).isEqual(to: text) { return }
                index = element.next
            }
        }
        appendElement(field, Value(bytes: text.bytes, count: UInt32(text.count), isText: true))
    }

    /// Whether an array field has a text of that kind.
    func contains(_ field: ECSField, where isWanted: (EncodedText) -> Bool) -> Bool {
        var index = has(field) ? chains[field.slot].first : -1
        while index >= 0 {
            let element = elements[Int(index)]
            if isWanted(EncodedText(element.value.bytes, count: Int(element.value.count))) { return true }
            index = element.next
        }
        return false
    }

    /// Gives an array field one more constant text, unless it has it already.
    @inline(__always)
    mutating func append(_ field: ECSField, _ constant: StaticString) { append(field, EncodedText(constant)) }

    /// Gives an array field one more finished piece of JSON.
    mutating func append(_ field: ECSField, json: EncodedText) {
        guard !has(field) || chains[field.slot].count < Self.elementsMax else { return }
        appendElement(field, Value(bytes: json.bytes, count: UInt32(json.count), isText: false))
    }

    /// Gives a scalar field the value of another, if that has one.
    @inline(__always)
    mutating func copy(_ field: ECSField, to other: ECSField) {
        guard has(field) else { return }
        let value = values[field.slot]
        set(other, EncodedText(value.bytes, count: Int(value.count)), isText: value.isText)
    }

    /// Takes the field's value away.
    mutating func clear(_ field: ECSField) { isSet[field.slot &>> 6] &= ~(1 &<< UInt64(field.slot & 63)) }

    /// The text of a scalar field; nil when it is not set.
    func text(of field: ECSField) -> EncodedText? {
        guard has(field) else { return nil }
        return EncodedText(values[field.slot].bytes, count: Int(values[field.slot].count))
    }

    @inline(__always)
    private mutating func set(_ field: ECSField, _ text: EncodedText, isText: Bool) {
        assert(!field.isArray)
        guard !has(field) else { return }
        isSet[field.slot &>> 6] |= 1 &<< UInt64(field.slot & 63)
        values[field.slot] = Value(bytes: text.bytes, count: UInt32(text.count), isText: isText)
        valueBytes &+= text.count &+ 3
    }

    private mutating func appendElement(_ field: ECSField, _ value: Value) {
        assert(field.isArray)
        if elementCount == elementCapacity { growElements() }
        let index = Int32(elementCount)
        elements[elementCount] = Element(value: value, next: -1)
        elementCount &+= 1
        valueBytes &+= Int(value.count) &+ 3
        if has(field) {
            elements[Int(chains[field.slot].last)].next = index
            chains[field.slot].last = index
            chains[field.slot].count &+= 1
        } else {
            isSet[field.slot &>> 6] |= 1 &<< UInt64(field.slot & 63)
            chains[field.slot] = Chain(first: index, last: index, count: 1)
        }
    }

    private mutating func growElements() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: elementCapacity * 2)
        larger.update(from: elements, count: elementCount)
        elements.deallocate()
        elements = larger
        elementCapacity *= 2
    }
}
