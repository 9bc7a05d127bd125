import JSON

extension EventType {
    /// What Suricata says about itself: start, configuration, faults.
    static let engine = EventType(
        name: "engine", categories: ["host"], objects: ["engine", "log_level"],
        rules: ["message": .text(.message)]
    ) { engine, mapping in
        mapping.setCode(engine["error"] ?? engine["error_code"])
        // The level stands beside the object.
        if engine.kind == .string { mapping.document.set(.logLevel, lowercase: engine) }
    }
}
