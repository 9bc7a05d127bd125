/// What an operator should do about a line.
public enum LogLevel: String, Sendable, CaseIterable, Comparable {
    /// For debugging.
    case debug
    /// The normal course: started, connected, stopped.
    case info
    /// Unusual but handled without loss; worth a look when it repeats.
    case notice
    /// Something is refused, slow or unavailable, and is being retried; look soon.
    case warning
    /// The service cannot do its work; act now.
    case error

    /// Ordered by urgency.
    public static func < (left: LogLevel, right: LogLevel) -> Bool {
        left.severity < right.severity
    }

    private var severity: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .notice: 2
        case .warning: 3
        case .error: 4
        }
    }
}

/// How a line is written.
public enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, service and message in columns, then `name=value`.
    case text
    /// For machines: one JSON object a line.
    case json
}
