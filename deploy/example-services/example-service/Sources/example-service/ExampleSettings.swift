/// What an example service is told by its environment.
struct ExampleSettings: Sendable {
    let name: String
    let bind: String
    let port: Int
    let calls: [String]
    let callSeconds: Int
    let failEvery: Int

    /// Takes the default for what is missing or no number.
    init(environment: (String) -> String?) {
        func number(_ name: String, _ range: ClosedRange<Int>, otherwise: Int) -> Int {
            guard let value = environment(name).flatMap({ Int($0) }), range.contains(value) else { return otherwise }
            return value
        }
        name = environment("NAME") ?? "example-service"
        bind = environment("BIND") ?? "0.0.0.0"
        port = number("PORT", 0...65_535, otherwise: 8080)
        calls = (environment("CALLS") ?? "").split(separator: " ").map { String($0) }
        callSeconds = number("CALL_SECONDS", 0...3_600, otherwise: 0)
        failEvery = number("FAIL_EVERY", 0...1_000_000, otherwise: 0)
    }
}
