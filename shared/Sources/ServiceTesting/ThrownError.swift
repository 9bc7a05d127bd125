/// The error of this type that a call throws; nil when it throws none, or another one.
///
/// `#expect(throws:)` gives it back only since Swift 6.1.
public func thrown<Failure: Error, Value>(_ type: Failure.Type, by call: () throws -> Value) -> Failure? {
    do {
        _ = try call()
        return nil
    } catch {
        return error as? Failure
    }
}
