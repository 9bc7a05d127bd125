/// Which sensors are shown by their names. All others are shown together, so that metrics stay bounded however many names
/// somebody writes into Redis.
struct ShownSensors {
    /// The name under which the others are shown; a sensor that is called so is one of them.
    static let other = "other"
    /// The most sensors that are shown by their names.
    static let countMax = 64

    private var names: Set<String> = []

    /// Whether this sensor is shown by its name. Who was first stays, until the exporter is restarted.
    mutating func shows(_ name: String) -> Bool {
        if names.contains(name) { return true }
        guard names.count < Self.countMax, name != Self.other else { return false }
        names.insert(name)
        return true
    }
}
